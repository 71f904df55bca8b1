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
}
