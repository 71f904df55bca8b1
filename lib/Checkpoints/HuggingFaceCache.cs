using System.Text.RegularExpressions;

namespace Logitscope;

// Finds a model by its name in the cache that HuggingFace's own programs download to. There, models--ORG--NAME/refs/REVISION
// names a commit, and snapshots/COMMIT holds that commit's files, as symbolic links. Nothing is written there, and nothing is
// fetched.
internal static partial class HuggingFaceCache
{
    private const string MainRevision = "main";

    // The cache: HF_HUB_CACHE, else hub in HF_HOME, else huggingface/hub in XDG_CACHE_HOME, else ~/.cache/huggingface/hub.
    public static string Folder =>
        Variable("HF_HUB_CACHE")
        ?? Path.Combine(
            Variable("HF_HOME") ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(Home, ".cache"), "huggingface"),
            "hub");

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>The folder of a model.</summary>
    public static string FolderOf(string model)
    {
        // What is no name is a path; who opens it says what is wrong there.
        if (Path.Exists(model) || ModelName().Match(model) is not { Success: true } name
            || model.Contains("..", StringComparison.Ordinal))
        {
            return model;
        }

        var (id, revision) = (name.Groups["id"].Value, name.Groups["revision"] is { Success: true } named ? named.Value : MainRevision);
        var repository = Path.Combine(Folder, $"models--{id.Replace("/", "--", StringComparison.Ordinal)}");
        var reference = Path.Combine([repository, "refs", .. revision.Split('/')]);
        var commit = File.Exists(reference) ? File.ReadAllText(reference).Trim() : revision;
        var snapshot = Path.Combine(repository, "snapshots", commit);
        if (Commit().IsMatch(commit) && Directory.Exists(snapshot))
        {
            return snapshot;
        }

        var option = revision == MainRevision ? "" : $" --revision {revision}";
        throw new CheckpointException(
            $"'{model}': expected a model's folder, or the name of a model in {Folder}, found neither: "
            + $"'hf download {id}{option}' puts it there, './logitscope download {id}{option}' into a folder of its own");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) switch
    {
        null or "" => null,
        ['~', '/', .. var rest] => Path.Combine(Home, rest),
        var value => value,
    };

    [GeneratedRegex(@"\A(?<id>[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?)(@(?<revision>[A-Za-z0-9][A-Za-z0-9._/-]*))?\z")]
    private static partial Regex ModelName();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Commit();
}
