using System.Text.Json.Nodes;

namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>Turns the addresses in a notebook into ones that work from its page.</summary>
/// <param name="notebook">Whose addresses they are.</param>
/// <param name="plan">The run: its notebooks have pages too.</param>
internal sealed class PageLinks(Notebook notebook, RunPlan plan)
{
    private static readonly Dictionary<string, string> s_imageTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".svg"] = "image/svg+xml",
    };

    /// <summary>A link: to the page of a notebook of this run, or to the file where it lies.</summary>
    public string Link(string address)
    {
        if (FileOf(address, out var fragment) is not { } file || !Path.Exists(file))
        {
            return address;
        }

        var target = plan.Notebooks.FirstOrDefault(other => other.FullPath == file) is { } other
            ? other.PageName
            : Path.GetRelativePath(plan.OutFolder, file);
        return string.Join('/', target.Split('/').Select(Uri.EscapeDataString)) + fragment;
    }

    /// <summary>An image: the picture itself, where it is a file or attached, so that the page stands alone.</summary>
    public string Image(string address, JsonObject? attachments)
    {
        const string Attachment = "attachment:";
        if (address.StartsWith(Attachment, StringComparison.Ordinal))
        {
            var (type, data) = (attachments?[address[Attachment.Length..]] as JsonObject)?.FirstOrDefault() ?? default;
            return data is JsonValue value && value.TryGetValue<string>(out var base64)
                ? $"data:{type};base64,{base64}"
                : address;
        }

        return FileOf(address, out _) is { } file
            && s_imageTypes.TryGetValue(Path.GetExtension(file), out var mimeType)
            && File.Exists(file)
                ? $"data:{mimeType};base64,{Convert.ToBase64String(File.ReadAllBytes(file))}"
                : address;
    }

    /// <summary>The local file that an address names; null for a fragment and for an address of the web.</summary>
    private string? FileOf(string address, out string fragment)
    {
        var parts = address.Split('#', 2);
        fragment = parts.Length == 2 ? $"#{parts[1]}" : "";
        return parts[0].Length == 0 || Uri.TryCreate(address, UriKind.Absolute, out _)
            ? null
            : Path.GetFullPath(Uri.UnescapeDataString(parts[0]), notebook.Folder);
    }
}
