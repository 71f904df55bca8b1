using System.Runtime.ExceptionServices;

namespace Logitscope.World;

/// <summary>
/// The gradient of a step, computed in parts: each replica has its share of the rows and a thread of its own, so that no
/// operation waits for another core. A replica computes in the recipe's arithmetic over a copy of the weights, of which
/// all share one; weights, moments and the sum of the gradients stay float32 (mixed precision: Micikevicius et al.,
/// arXiv 1710.03740). What comes out follows from the recipe alone, however many cores there are.
/// </summary>
internal sealed class Replicas : IDisposable
{
    private readonly LanguageModel _master;
    private readonly LanguageModel[] _models;
    private readonly Dictionary<string, Tensor> _shared;
    private readonly Barrier _barrier;
    private readonly Thread[] _threads;
    private readonly double[] _losses;
    private readonly Exception?[] _errors;
    private Tensor? _ids; // of the step that runs; null: there is none to come
    private int _begun = -1;

    /// <summary>Starts the threads.</summary>
    /// <param name="master">The model that is trained, in float32.</param>
    /// <param name="count">Parts of a step.</param>
    /// <param name="arithmetic">What they compute in.</param>
    /// <param name="build">Makes a model of the same sizes over other weights.</param>
    public Replicas(
        LanguageModel master, int count, ScalarType arithmetic, Func<IWeightSource, ModelOptions, LanguageModel> build)
    {
        _master = master;
        _shared = master.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.detach().to(arithmetic));
        _models = new LanguageModel[count];
        for (var i = 0; i < count; i++)
        {
            _models[i] = build(new Parameters(new Shared(_shared)), new() { Dtype = arithmetic });
        }

        _losses = new double[count];
        _errors = new Exception?[count];
        _barrier = new Barrier(count + 1);
        _threads = TorchRuntime.StartThreads(count, 1, Work);
    }

    /// <summary>Gives the weights of the model their gradients.</summary>
    /// <param name="ids">Int64 <c>[batch, sequence + 1]</c>.</param>
    /// <returns>Mean surprisal of the tokens after the first of each row, in nats.</returns>
    public double Gradients(Tensor ids)
    {
        CopyWeights();
        _ids = ids;
        _barrier.SignalAndWait();
        _barrier.SignalAndWait();
        if (_errors.FirstOrDefault(error => error is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        SumGradients();
        return _losses.Sum();
    }

    public void Dispose()
    {
        _ids = null;
        _barrier.SignalAndWait();
        Array.ForEach(_threads, thread => thread.Join());
        _barrier.Dispose();
        foreach (var owned in _models.Cast<IDisposable>().Concat(_shared.Values))
        {
            owned.Dispose();
        }
    }

    private void Work()
    {
        var replica = Interlocked.Increment(ref _begun);
        while (true)
        {
            _barrier.SignalAndWait();
            if (_ids is null)
            {
                return;
            }

            _errors[replica] = null;
            try
            {
                _losses[replica] = Backward(_models[replica], replica, _ids);
            }
            catch (Exception error)
            {
                _errors[replica] = error; // the others end their part; who asked for it throws
            }

            _barrier.SignalAndWait();
        }
    }

    private double Backward(LanguageModel model, int replica, Tensor ids)
    {
        using var scope = NewDisposeScope();
        var (rows, length) = (ids.size(0), ids.size(1) - 1);
        var (from, to) = (rows * replica / _models.Length, rows * (replica + 1) / _models.Length);
        if (from == to)
        {
            return 0; // fewer rows than replicas
        }

        var own = ids.narrow(0, from, to - from);
        var logits = model.Forward(own.narrow(1, 0, length)).Logits.to(float32); // [batch, position, vocab]
        var targets = own.narrow(1, 1, length).reshape(-1);
        var mean = nn.functional.cross_entropy(logits.reshape(-1, model.VocabularySize), targets);
        var loss = mean * ((double)(to - from) / rows);
        loss.backward();
        return loss.ToDouble();
    }

    private void CopyWeights()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        foreach (var (name, weight) in _master.Weights.Where(weight => weight.Value.dtype != _shared[weight.Key].dtype))
        {
            _shared[name].copy_(weight);
        }
    }

    private void SumGradients()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        foreach (var (name, weight) in _master.Weights)
        {
            var sum = zeros_like(weight);
            foreach (var model in _models)
            {
                if (model.Weights[name].grad is { } part)
                {
                    sum.add_(part);
                    part.zero_();
                }
            }

            weight.grad = sum;
        }
    }

    private sealed class Shared(IReadOnlyDictionary<string, Tensor> weights) : IWeightSource
    {
        public bool Has(string name) => weights.ContainsKey(name);

        public Tensor Read(string name, IReadOnlyList<long> shape, WeightOptions options) => weights[name].alias();
    }
}
