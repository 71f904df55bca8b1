using System.Reflection;

namespace Logitscope;

/// <summary>Finds what the checkout ships beside the library: the embedded model, its data, its charts' script.</summary>
internal static class CheckoutFolder
{
    /// <summary>A file or folder of the checkout around this assembly.</summary>
    public static string? Find(string relative)
    {
        var start = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location) ?? AppContext.BaseDirectory;
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, relative);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>The same, of what must be there.</summary>
    /// <exception cref="LogitscopeException">It is not.</exception>
    public static string Require(params string[] parts) => Find(Path.Combine(parts))
        ?? throw new LogitscopeException($"{string.Join('/', parts)} is not in a folder above the library: name a file");
}
