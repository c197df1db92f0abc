// The official npm client against a runtime. Usage: node client.mjs <group> <address of the server>
// Ends with exit code 0 and the line "ok", or with the failed assertion.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [group, address] = process.argv.slice(2);
const options = { apiKey: 'none', maxRetries: 0, timeout: 60_000 };
const client = new OpenAI({ ...options, baseURL: `${address}/v1` });
// What OpenAI's API does not have, over the client's own transport.
const bare = new OpenAI({ ...options, baseURL: address });
const text = 'Grüß dich, 世界';
const model = 'tiny';
const messages = [{ role: 'system', content: 'Be kind.' }, { role: 'user', content: 'Hello' }];

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

async function fails(promise, status, code, inMessage) {
  const error = await promise.then(() => assert.fail('no error came'), e => e);
  assert.ok(error instanceof OpenAI.APIError, `${error}`);
  assert.equal(error.status, status);
  assert.equal(error.code, code);
  if (inMessage) assert.match(error.message, inMessage);
  return error;
}

const groups = {
  async chat() {
    const answer = await client.chat.completions.create({ model, messages, max_completion_tokens: 100, temperature: 0.5, logprobs: true, top_logprobs: 2, stop: ['END'], seed: 1 });
    assert.equal(answer.object, 'chat.completion');
    assert.equal(answer.choices[0].message.content, text);
    assert.equal(answer.choices[0].message.role, 'assistant');
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.equal(answer.choices[0].logprobs.content[0].top_logprobs.length, 2);
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);

    const several = await client.chat.completions.create({ model, messages, n: 3 });
    assert.deepEqual(several.choices.map(c => c.index), [0, 1, 2]);

    const chunks = await all(await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } }));
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    assert.equal(chunks.flatMap(c => c.choices).map(c => c.delta.content ?? '').join(''), text);
    assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(chunks.at(-1).usage.completion_tokens, 20);
    assert.ok(chunks.every(c => c.id === chunks[0].id && c.object === 'chat.completion.chunk'));

    // The client's own accumulator.
    const final = await client.chat.completions.stream({ model, messages }).finalChatCompletion();
    assert.equal(final.choices[0].message.content, text);

    // A reader that leaves is no error to anybody.
    const left = await client.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of left) {
      assert.ok(chunk.id);
      left.controller.abort();
    }
  },

  async json() {
    const response_format = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false } } };
    const answer = await client.chat.completions.parse({ model, messages, response_format });
    assert.deepEqual(answer.choices[0].message.parsed ?? JSON.parse(answer.choices[0].message.content), { name: 'Ann' });
  },

  async tools() {
    const tools = [{ type: 'function', function: { name: 'weather', description: 'the weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];
    const answer = await client.chat.completions.create({ model, messages, tools, tool_choice: 'auto' });
    assert.equal(answer.choices[0].finish_reason, 'tool_calls');
    const call = answer.choices[0].message.tool_calls[0];
    assert.equal(call.function.name, 'weather');
    assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Rom' });

    const final = await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    assert.deepEqual(JSON.parse(final.choices[0].message.tool_calls[0].function.arguments), { city: 'Rom' });

    const next = await client.chat.completions.create({ model, tools, messages: [...messages, answer.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }] });
    assert.equal(next.choices[0].finish_reason, 'tool_calls');
  },

  async completions() {
    const answer = await client.completions.create({ model, prompt: 'Hello', max_tokens: 100, logprobs: 2, stop: 'END', seed: 3, presence_penalty: 0.1, frequency_penalty: 0.1 });
    assert.equal(answer.object, 'text_completion');
    assert.equal(answer.choices[0].text, text);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.equal(answer.choices[0].logprobs.tokens.length, answer.choices[0].logprobs.token_logprobs.length);
    const both = await client.completions.create({ model, prompt: ['a', 'b'], max_tokens: 100, n: 2 });
    assert.equal(both.choices.length, 4);
    const ids = await client.completions.create({ model, prompt: [1, 2, 3], max_tokens: 2 });
    assert.equal(ids.usage.prompt_tokens, 3);
    const chunks = await all(await client.completions.create({ model, prompt: 'Hello', max_tokens: 100, stream: true, stream_options: { include_usage: true } }));
    assert.equal(chunks.flatMap(c => c.choices).map(c => c.text).join(''), text);
    assert.equal(chunks.at(-1).usage.completion_tokens, 20);
  },

  async models() {
    const list = await all(await client.models.list());
    assert.deepEqual(list.map(m => m.id), [model]);
    assert.equal((await client.models.retrieve(model)).owned_by, 'team');
    await fails(client.models.retrieve('other'), 404, 'model_not_found');
  },

  async tokens() {
    const { tokens, count } = await bare.post('/tokenize', { body: { model, prompt: 'héllo' } });
    assert.equal(tokens.length, count);
    assert.equal((await bare.post('/detokenize', { body: { model, tokens: tokens.slice(1) } })).prompt, 'héllo');
    const [rendered] = await client.post('/completions/render', { body: { model, prompt: 'hi', max_tokens: 3 } });
    assert.equal(rendered.sampling_params.max_tokens, 3);
    const chat = await client.post('/chat/completions/render', { body: { model, messages } });
    assert.ok(chat.token_ids.length > rendered.token_ids.length);
    for (const path of ['/health/live', '/health/ready', '/health/startup']) assert.equal((await bare.get(path).asResponse()).status, 200);
    assert.equal((await bare.get('/version')).product, 'attention-runtime');
    assert.match(await (await bare.get('/metrics').asResponse()).text(), /attention_requests_total/);
  },

  async errors() {
    const long = await fails(client.chat.completions.create({ model, messages: [{ role: 'user', content: 'far too long for five' }] }), 400, 'context_length_exceeded', /at most 5/);
    assert.ok(long instanceof OpenAI.BadRequestError);
    assert.equal(long.param, 'messages');
    assert.ok((await fails(client.chat.completions.create({ model: 'other', messages }), 404, 'model_not_found')) instanceof OpenAI.NotFoundError);
    assert.ok((await fails(client.chat.completions.create({ model, messages, reasoning_effort: 'high' }), 422, 'unsupported', /reasoning_effort/)) instanceof OpenAI.UnprocessableEntityError);
    const full = await fails(client.completions.create({ model, prompt: [1], max_tokens: 1 }), 503, 'queue_full');
    assert.equal(full.headers.get('retry-after'), '7');
    // After the first byte an error is an event; the client raises it.
    const events = [];
    await assert.rejects(async () => {
      for await (const chunk of await client.completions.create({ model, prompt: [2], max_tokens: 9, stream: true })) events.push(chunk);
    }, OpenAI.APIError);
    assert.equal(events.map(e => e.choices[0].text).join(''), 'ab');
  },

  async embeddings() {
    // The client asks for base64 by itself, and decodes it.
    const decoded = await client.embeddings.create({ model, input: ['one', 'two'] });
    const floats = await client.embeddings.create({ model, input: ['one', 'two'], encoding_format: 'float' });
    assert.equal(decoded.data.length, 2);
    assert.equal(decoded.data[1].embedding.length, 16);
    decoded.data[1].embedding.forEach((x, i) => assert.ok(Math.abs(x - floats.data[1].embedding[i]) < 1e-6));
    assert.equal((await client.embeddings.create({ model, input: 'one', dimensions: 8 })).data[0].embedding.length, 8);
    assert.equal(floats.usage.prompt_tokens, 8);
  },

  async rerank() {
    const answer = await client.post('/rerank', { body: { model, query: 'q', documents: ['a', 'bb', 'ccc'], top_n: 2, return_documents: true } });
    assert.equal(answer.results.length, 2);
    assert.ok(answer.results[0].relevance_score >= answer.results[1].relevance_score);
  },

  async classify() {
    const answer = await client.post('/classify', { body: { model, input: ['a', 'b'] } });
    assert.equal(answer.data.length, 2);
    assert.ok(['no', 'yes'].includes(answer.data[0].label));
  },
};

await groups[group]();
console.log('ok');
process.exit(0);
