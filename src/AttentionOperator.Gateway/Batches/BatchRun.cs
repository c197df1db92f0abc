namespace AttentionOperator.Gateway.Batches;

/// <summary>Takes one batch from where it is to its end. Every step can be repeated: after a crash another process goes on with the requests that have no answer yet.</summary>
internal sealed class BatchRun(Batch batch, BatchStore batches, FileStore files, BatchCalls calls, BatchOptions options, TimeProvider time)
{
    private const int MostProblems = 20;
    private static readonly TimeSpan CancelLook = TimeSpan.FromSeconds(1);
    private Batch _batch = batch;
    private int _completed;
    private int _failed;

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public async Task RunAsync(CancellationToken stopping)
    {
        if (_batch.Status == BatchStatus.Validating && !Validate()) return;
        using var output = new BatchOutput(batches.OutputPath(_batch.Id));
        using var errors = new BatchOutput(batches.ErrorPath(_batch.Id));
        (_completed, _failed) = (output.Done.Count, errors.Done.Count);
        var expires = DateTimeOffset.FromUnixTimeSeconds(_batch.ExpiresAt);
        using var expired = new CancellationTokenSource(expires > time.GetUtcNow() ? expires - time.GetUtcNow() : TimeSpan.Zero, time);
        using var cancelled = new CancellationTokenSource();
        using var any = CancellationTokenSource.CreateLinkedTokenSource(stopping, expired.Token, cancelled.Token);
        var watching = WatchCancelAsync(cancelled, any.Token);
        try
        {
            await Parallel.ForEachAsync(
                Requests().Where(r => !output.Done.Contains(r.CustomId) && !errors.Done.Contains(r.CustomId)),
                new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce, CancellationToken = any.Token },
                async (request, token) => await AskAsync(request, output, errors, token));
        }
        catch (OperationCanceledException) when (any.IsCancellationRequested)
        {
            if (stopping.IsCancellationRequested) return;
        }
        finally
        {
            await any.CancelAsync();
            await watching;
        }

        Finish(output, errors, cancelled.IsCancellationRequested, expired.IsCancellationRequested);
    }

    private bool Validate()
    {
        var problems = new List<BatchProblem>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var line = 0;
        foreach (var text in Lines())
        {
            line++;
            if (problems.Count >= MostProblems || line > options.MaxRequests) break;
            try
            {
                if (!ids.Add(BatchRequest.Parse(text, _batch.Endpoint).CustomId)) problems.Add(new BatchProblem("duplicate_custom_id", "The custom_id occurs twice.", "custom_id", line));
            }
            catch (FormatException e)
            {
                problems.Add(new BatchProblem("invalid_request", e.Message, null, line));
            }
        }

        if (line == 0) problems.Add(new BatchProblem("empty_file", "The input has no request.", null, null));
        if (line > options.MaxRequests) problems.Add(new BatchProblem("too_many_requests", $"The input has more than {options.MaxRequests} requests.", null, null));
        _batch = problems.Count > 0
            ? _batch with { Status = BatchStatus.Failed, FailedAt = Now, Errors = problems }
            : _batch with { Status = BatchStatus.InProgress, InProgressAt = Now, Total = ids.Count };
        batches.Write(_batch);
        return problems.Count == 0;
    }

    private async ValueTask AskAsync(BatchRequest request, BatchOutput output, BatchOutput errors, CancellationToken cancellation)
    {
        while (true)
        {
            var (status, id, body, pause) = await calls.RunAsync(_batch.Owner, _batch.Endpoint, request.Body, cancellation);
            if (pause is { } wait)
            {
                await Task.Delay(wait, time, cancellation);
                continue;
            }

            if (status == StatusCodes.Status200OK)
            {
                output.Add(id, request.CustomId, status, body);
                Interlocked.Increment(ref _completed);
            }
            else
            {
                errors.Add(id, request.CustomId, status, body);
                Interlocked.Increment(ref _failed);
            }

            return;
        }
    }

    private async Task WatchCancelAsync(CancellationTokenSource cancelled, CancellationToken over)
    {
        using var timer = new PeriodicTimer(CancelLook, time);
        try
        {
            do
            {
                if (batches.IsCancelAsked(_batch.Id))
                {
                    await cancelled.CancelAsync();
                    return;
                }

                Publish();
            }
            while (await timer.WaitForNextTickAsync(over));
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The batch is over, or the process.
        }
    }

    private void Publish()
    {
        if ((_batch.Completed, _batch.Failed) == (Volatile.Read(ref _completed), Volatile.Read(ref _failed))) return;
        _batch = _batch with { Completed = Volatile.Read(ref _completed), Failed = Volatile.Read(ref _failed) };
        batches.Write(_batch);
    }

    private void Finish(BatchOutput output, BatchOutput errors, bool cancelled, bool expired)
    {
        if (cancelled || expired)
        {
            var (code, message) = cancelled ? ("batch_cancelled", "The batch was cancelled before this request ran.") : ("batch_expired", "This request could not be run before the completion window expired.");
            var done = new BatchOutputIds(batches.OutputPath(_batch.Id), batches.ErrorPath(_batch.Id)).Read();
            foreach (var request in Requests().Where(r => !done.Contains(r.CustomId)))
            {
                errors.AddError(request.CustomId, code, message);
                _failed++;
            }
        }

        output.Dispose();
        errors.Dispose();
        _batch = _batch with
        {
            Completed = _completed,
            Failed = _failed,
            OutputFileId = _completed > 0 ? Keep(batches.OutputPath(_batch.Id), "output") : null,
            ErrorFileId = _failed > 0 ? Keep(batches.ErrorPath(_batch.Id), "errors") : null,
            FinalizingAt = Now,
            Status = cancelled ? BatchStatus.Cancelled : expired ? BatchStatus.Expired : BatchStatus.Completed,
            CompletedAt = cancelled || expired ? null : Now,
            CancellingAt = cancelled ? Now : null,
            CancelledAt = cancelled ? Now : null,
            ExpiredAt = expired && !cancelled ? Now : null,
        };
        batches.Write(_batch);
    }

    /// <summary>A copy, so that a crash before the batch's own record is written loses nothing.</summary>
    private string Keep(string path, string kind)
    {
        var copy = files.NewPath();
        File.Copy(path, copy);
        return files.Add(copy, $"{_batch.Id}_{kind}.jsonl", "batch_output", _batch.Owner).Id;
    }

    private IEnumerable<BatchRequest> Requests() => Lines().Select(line => BatchRequest.Parse(line, _batch.Endpoint));

    private IEnumerable<string> Lines() => File.Exists(files.ContentPath(_batch.InputFileId)) ? File.ReadLines(files.ContentPath(_batch.InputFileId)).Where(line => !string.IsNullOrWhiteSpace(line)) : [];
}
