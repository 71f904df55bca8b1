using System.Security.Cryptography;
using System.Text;

namespace Logitscope;

/// <summary>
/// Everything that determines a sweep's rows: model, prompts, positions, techniques, and which prompts share a batch.
/// </summary>
public sealed class SweepPlan
{
    private readonly SourcePositions _positions;
    private readonly int[][] _blocks;
    private readonly string _hash;

    /// <summary>Encodes the prompts, draws their positions, and hashes the models as they are now.</summary>
    /// <param name="model">Source and target model.</param>
    /// <param name="examples">The prompts, cut to the model's context.</param>
    /// <param name="options">What to run.</param>
    /// <exception cref="LogitscopeException">There is no prompt or no method, or one cannot be encoded.</exception>
    public SweepPlan(LanguageModel model, IEnumerable<Example> examples, SweepOptions options)
    {
        Model = model;
        Options = options with { Techniques = [.. options.Techniques.Select(technique => technique.WithBos(options.Bos))] };
        Prompts =
        [
            .. examples.Select(example =>
                model.Checked(example.ToPrompt(model.Tokenizer, options.Bos, model.ContextLength), example.Id)),
        ];
        if (Prompts.Count == 0)
        {
            throw new SweepException("a sweep: expected at least one prompt, got none");
        }

        if (options.Techniques.Count == 0 || options.BatchSize < 1)
        {
            throw new SweepException(
                $"a sweep: expected a method and a batch of at least 1, got {options.Techniques.Count} methods "
                + $"and {options.BatchSize}");
        }

        if (options.Techniques.GroupBy(t => t.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new SweepException($"methods: expected each once, got '{twice.Key}' {twice.Count()} times");
        }

        if (options.Techniques.FirstOrDefault(technique => technique.Ahead > 0) is { } later)
        {
            throw new SweepException($"methods: expected such as foretell the next token, got {later.Name}, which foretells one {later.Ahead} further; its fit has its held-out loss");
        }

        _positions = SourcePositions.Choose(
            options.Positions, Prompts, options.Techniques.Count, model.Layers, options.Seed, options.PerPrompt);
        _blocks =
        [
            .. Enumerable.Range(0, Prompts.Count)
                .OrderByDescending(LastPositionOf)
                .Chunk(options.BatchSize)
                .Where((_, block) => options.Shard.Has(block)),
        ];
        if (_blocks.Length == 0)
        {
            throw new SweepException(
                $"shard {options.Shard}: expected no more parts than batches of {options.BatchSize} prompts, "
                + $"got {options.Shard.Count} parts of {Prompts.Count} prompts; take fewer parts or a smaller batch");
        }

        UndeclaredMapping = Readings.Select(reading => reading.Mapping).FirstOrDefault(mapping => mapping.Describe() is null)?.Name;
        if (UndeclaredMapping is not null && options.Shard != Shard.Whole)
        {
            throw new SweepException(
                $"shard {options.Shard}: expected mappings that declare their parameters, got '{UndeclaredMapping}', "
                + "so that its parts cannot be told to belong together");
        }

        Fingerprint = model.Fingerprint;
        _hash = Hashed();
    }

    /// <summary>Source and target model.</summary>
    public LanguageModel Model { get; }

    /// <summary>What to run.</summary>
    public SweepOptions Options { get; }

    /// <summary>The model's fingerprint when the plan was made.</summary>
    public string Fingerprint { get; }

    /// <summary>A mapping that does not say what decides it, so that the sweep is never resumed; null where all do.</summary>
    public string? UndeclaredMapping { get; }

    /// <summary>The prompts, in order.</summary>
    public IReadOnlyList<Prompt> Prompts { get; }

    /// <summary>How many batches of prompts there are in this shard.</summary>
    public int Blocks => _blocks.Length;

    /// <summary>How many cells there are in this shard.</summary>
    public int Cells => Enumerable.Range(0, Blocks).Sum(RowsOf);

    /// <summary>How many cells a position of a prompt has: methods times layers.</summary>
    public int CellsPerPosition => Options.Techniques.Count * Model.Layers;

    /// <summary>
    /// The prompts of one batch: the same in every run of the plan, wherever an earlier run was cut. Prompts of like
    /// length run together, the longest first, so that memory and time left are known early.
    /// </summary>
    /// <param name="block">0-based.</param>
    /// <returns>Numbers of prompts.</returns>
    public IReadOnlyList<int> PromptsOf(int block) => _blocks[block];

    /// <summary>How many rows a batch has.</summary>
    /// <param name="block">0-based.</param>
    /// <returns>The positions of its prompts times the cells of each.</returns>
    public int RowsOf(int block) => PromptsOf(block).Sum(DrawsOf) * CellsPerPosition;

    /// <summary>How many whole batches a number of rows is.</summary>
    /// <param name="rows">The rows of whole batches.</param>
    /// <returns>The number of the batch that comes next.</returns>
    public int BlocksIn(int rows)
    {
        var block = 0;
        for (; rows > 0 && block < Blocks; block++)
        {
            rows -= RowsOf(block);
        }

        return block;
    }

    /// <summary>The target prompt's ids of each method that has a prompt of its own.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> TargetIds =>
        Options.Techniques
            .Select(technique => (technique.Name, Reading: technique.ReadingOf(Model, layer: 0) as Reading.InPrompt))
            .Where(method => method.Reading is not null)
            .ToDictionary(method => method.Name, method => method.Reading!.Target.Ids);

    /// <summary>How many positions of a prompt are read.</summary>
    /// <param name="prompt">0-based.</param>
    /// <returns>At least one.</returns>
    public int DrawsOf(int prompt) => _positions.CountOf(prompt);

    /// <summary>Where the residual of a cell is read.</summary>
    /// <param name="method">0-based, in the order of the techniques.</param>
    /// <param name="layer">0-based.</param>
    /// <param name="prompt">0-based.</param>
    /// <param name="draw">Which of the prompt's positions, 0-based.</param>
    /// <returns>The 0-based position, BOS counted.</returns>
    public int PositionOf(int method, int layer, int prompt, int draw = 0) => _positions[method, layer, prompt, draw];

    /// <summary>The last position that any cell of a prompt reads; tokens after it are not run.</summary>
    /// <param name="prompt">0-based.</param>
    /// <returns>0-based, BOS counted.</returns>
    public int LastPositionOf(int prompt) => Enumerable.Range(0, Options.Techniques.Count)
        .SelectMany(method => Enumerable.Range(0, Model.Layers).Select(layer => PositionsOf(method, layer, prompt).Max()))
        .Max();

    /// <summary>
    /// SHA-256 of everything that determines the rows of the whole sweep, whatever the shard: the models down to their last
    /// byte, methods, mappings with their parameters, positions, prompts, and the versions of Logitscope and libtorch. Two
    /// plans with one hash have the same rows; a plan with an <see cref="UndeclaredMapping"/> has one that no other has.
    /// </summary>
    /// <returns>64 hexadecimal digits.</returns>
    public string Hash() => _hash;

    /// <summary>What the methods read of a block beside its input and output.</summary>
    internal IReadOnlyCollection<Site> Sites => field ??= NextTokenReader.SitesOf(Model, Options.Techniques);

    private IEnumerable<Reading> Readings => Options.Techniques
        .SelectMany(technique => Enumerable.Range(0, Model.Layers).Select(layer => technique.ReadingOf(Model, layer)));

    private string Hashed()
    {
        var fingerprints = new Dictionary<LanguageModel, string> { [Model] = Fingerprint };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add($"logitscope rows 4\n{Provenance.LibraryVersion} libtorch {TorchRuntime.Version}\n");
        Add($"{Fingerprint} {Model.Arithmetic} {Model.Device.type} batch {Options.BatchSize}\n");
        for (var method = 0; method < Options.Techniques.Count; method++)
        {
            var technique = Options.Techniques[method];
            for (var layer = 0; layer < Model.Layers; layer++)
            {
                Add($"{technique.Name} {Describe(technique.ReadingOf(Model, layer))}\n");
                Add(string.Join(' ', Enumerable.Range(0, Prompts.Count).Select(p => string.Join(',', PositionsOf(method, layer, p)))) + "\n");
            }
        }

        foreach (var prompt in Prompts)
        {
            Add(string.Join(' ', prompt.Ids) + "\n");
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));

        string Describe(Reading reading) => $"{reading.Mapping.Describe() ?? $"{Guid.NewGuid()}"} " + (reading switch
        {
            Reading.InPrompt target =>
                $"{FingerprintOf(target.Model)} {string.Join(' ', target.Target.Ids)} {target.Position} {target.TargetLayer}",
            Reading.InSource target => $"source {target.TargetLayer}",
            Reading.InPlace target => $"in place {string.Join(' ', target.Bare.Ids)} {target.PaddingId} {target.TargetLayer}",
            _ => "direct",
        }) + (reading.Site == Site.ResidPost ? "" : $" of {reading.Site.Name()}");

        string? FingerprintOf(LanguageModel? other) => other is null ? null
            : fingerprints.TryGetValue(other, out var known) ? known
            : fingerprints[other] = other.Fingerprint;
    }

    private IEnumerable<int> PositionsOf(int method, int layer, int prompt) =>
        Enumerable.Range(0, DrawsOf(prompt)).Select(draw => PositionOf(method, layer, prompt, draw));
}
