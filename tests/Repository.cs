namespace Logitscope.Tests;

/// <summary>Where the checkout is, for tests that read its files.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Logitscope.Lib.csproj.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder of the checkout.</summary>
    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A development file beside the checkout; the test is skipped, saying so, where it is absent.</summary>
    public static string Shared(params string[] parts)
    {
        var path = Path.GetFullPath(Path.Combine([Root, "..", "shared", .. parts]));
        Assert.SkipUnless(Path.Exists(path), $"development data '{string.Join('/', parts)}' is not beside this checkout");
        return path;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Logitscope.Lib.csproj")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run from inside a checkout of Logitscope.");
    }
}
