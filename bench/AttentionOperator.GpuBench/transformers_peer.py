"""Peer of the GPU benchmark: Hugging Face transformers on the same weights, greedy, with its own generate().

usage: transformers_peer.py write SHAPE DIRECTORY     random weights in bfloat16
       transformers_peer.py measure DIRECTORY         one JSON object with rates on the first CUDA device
"""
import json
import sys
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

SHAPES = {
    "125m": dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, num_key_value_heads=4, intermediate_size=2048),
    "1b": dict(hidden_size=2048, num_hidden_layers=22, num_attention_heads=32, num_key_value_heads=4, intermediate_size=5632),
    "8b": dict(hidden_size=4096, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, intermediate_size=14336),
}
PROMPT, OUTPUT, PREFILL, TURNS = 128, 64, 2048, 2


def write(shape, directory):
    torch.manual_seed(1)
    config = LlamaConfig(vocab_size=32000, max_position_embeddings=4096, rms_norm_eps=1e-5, tie_word_embeddings=False, **SHAPES[shape])
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model = LlamaForCausalLM(config)
    model.save_pretrained(directory)


def prompt(seed, length):
    return [(i * 7919 + seed * 104729 + 17) % 32000 for i in range(length)]


def timed(action):
    torch.cuda.synchronize()
    start = time.perf_counter()
    result = action()
    torch.cuda.synchronize()
    return time.perf_counter() - start, result


@torch.inference_mode()
def measure(directory):
    model = LlamaForCausalLM.from_pretrained(directory, dtype=torch.bfloat16).cuda().eval()
    result = {"attention": model.config._attn_implementation}
    for batch in (1, 8, 32):
        ids = torch.tensor([prompt(i, PROMPT) for i in range(batch)], device="cuda")

        def run(new):
            return model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=new, min_new_tokens=new, do_sample=False, pad_token_id=0)

        run(2)
        first = min(timed(lambda: run(1))[0] for _ in range(TURNS))
        whole = min(timed(lambda: run(OUTPUT))[0] for _ in range(TURNS))
        result[f"decode_b{batch}"] = batch * (OUTPUT - 1) / (whole - first)
    ids = torch.tensor([prompt(1, PREFILL)], device="cuda")
    model(ids, logits_to_keep=1)
    result["prefill"] = PREFILL / min(timed(lambda: model(ids, logits_to_keep=1))[0] for _ in range(TURNS + 1))
    logits = model(torch.tensor([prompt(3, PROMPT)], device="cuda"), logits_to_keep=1).logits[0, -1].float()
    result["logits"] = logits.tolist()
    print(json.dumps(result))


if sys.argv[1] == "write":
    write(sys.argv[2], sys.argv[3])
else:
    measure(sys.argv[2])
