using System.Text.Json;

namespace Logitscope;

/// <summary>A relation: facts of one kind, and a text that asks for them.</summary>
/// <param name="Name">What it is called in results.</param>
/// <param name="Template">The text that the object follows, with <c>{}</c> once for the subject: <c>The capital of {} is</c>.</param>
/// <param name="Facts">The facts; a subject has one object.</param>
public sealed record Relation(string Name, string Template, IReadOnlyList<RelationFact> Facts)
{
    /// <summary>What stands for the subject in a template.</summary>
    public const string Gap = "{}";

    /// <summary>
    /// Reads a file in the layout of the data of <c>evandez/relations</c>: an object with <c>name</c>, <c>prompt_templates</c>, of which the
    /// first is taken, and <c>samples</c> of <c>subject</c> and <c>object</c>. Other fields are left alone, and so is what a subject has beside
    /// its first object.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>The relation.</returns>
    /// <exception cref="LogitscopeException">It is not there, no JSON, or of another layout.</exception>
    public static Relation Read(string path)
    {
        var root = JsonFile.Read(path);
        var name = Text(root, "name");
        if (!root.TryGetProperty("prompt_templates", out var templates) || templates is not { ValueKind: JsonValueKind.Array }
            || templates.EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.String } template)
        {
            throw new DatasetException($"'{path}': expected a list of texts 'prompt_templates', got another.");
        }

        if (!root.TryGetProperty("samples", out var samples) || samples is not { ValueKind: JsonValueKind.Array } || samples.GetArrayLength() == 0)
        {
            throw new DatasetException($"'{path}': expected a list 'samples' of subjects and objects, got none.");
        }

        var facts = samples.EnumerateArray().Select(sample => new RelationFact(Text(sample, "subject"), Text(sample, "object")));
        return new Relation(name, CheckedTemplate(template.GetString()!, $"'{path}'"), [.. facts.DistinctBy(fact => fact.Subject)]);

        string Text(JsonElement parent, string key) =>
            parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out var value)
            && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
                ? text
                : throw new DatasetException($"'{path}': expected a text '{key}', got {(parent.ValueKind == JsonValueKind.Object ? "none" : $"{parent.ValueKind}")}.");
    }

    /// <summary>The facts that a model knows: after the template, its most probable token is the object's first one.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The same relation with those facts only; perhaps none.</returns>
    /// <exception cref="LogitscopeException">The model has no tokenizer, or a text exceeds its context.</exception>
    public Relation KnownBy(LanguageModel model) => this with
    {
        Facts =
        [
            .. Rows(model, Template).Where(row =>
            {
                using var scope = NewDisposeScope();
                return model.Forward(row.Prompt, new() { Logits = LogitsOf.LastPosition }).Logits.argmax(-1).item<long>() == row.Answer;
            }).Select(row => row.Fact),
        ],
    };

    /// <summary>Every subject in every context.</summary>
    /// <param name="model">The model.</param>
    /// <param name="contexts">Texts with <c>{}</c> once for the subject.</param>
    /// <returns>By context, then in the order of the facts.</returns>
    /// <exception cref="LogitscopeException">The model has no tokenizer, or a context no place for the subject.</exception>
    public IReadOnlyList<SubjectRow> Rows(LanguageModel model, params IReadOnlyList<string> contexts) =>
    [
        .. contexts.Select(context => CheckedTemplate(context, "a context")).SelectMany(context => Facts.Select((fact, number) =>
        {
            var prompt = model.Encode(Filled(context, fact.Subject));
            return new SubjectRow(prompt, prompt.SpanOf(fact.Subject).End - 1, fact, number, AnswerOf(model, fact));
        })),
    ];

    /// <summary>A context with its subject in it.</summary>
    internal static string Filled(string context, string subject) => context.Replace(Gap, subject, StringComparison.Ordinal);

    // Where the object's tokens begin is seen from the whole text: how a lone word begins differs between tokenizers.
    private int AnswerOf(LanguageModel model, RelationFact fact)
    {
        var asked = Filled(Template, fact.Subject);
        var (before, whole) = (model.Encode(asked).Ids, model.Encode($"{asked} {fact.Object}").Ids);
        return whole.Count > before.Count && whole.Take(before.Count).SequenceEqual(before)
            ? whole[before.Count]
            : throw new DatasetException($"{Name}: expected the tokens of '{asked}' to go on with those of '{fact.Object}', got others");
    }

    private static string CheckedTemplate(string template, string where) => template.Split(Gap).Length == 2
        ? template
        : throw new DatasetException($"{where}: expected {Gap} once, for the subject, got '{template}'");
}

/// <summary>One fact of a relation.</summary>
/// <param name="Subject">Whose attribute it is: <c>France</c>.</param>
/// <param name="Object">The attribute: <c>Paris</c>.</param>
public sealed record RelationFact(string Subject, string Object);

/// <summary>A subject in a text: one residual is read at its last token, and the object is asked of it.</summary>
/// <param name="Prompt">The text.</param>
/// <param name="Position">0-based position of the subject's last token, BOS counted.</param>
/// <param name="Fact">Subject and object.</param>
/// <param name="Group">Number of the fact: rows of one subject belong together.</param>
/// <param name="Answer">Id of the object's first token after the relation's template.</param>
public sealed record SubjectRow(Prompt Prompt, int Position, RelationFact Fact, int Group, int Answer);
