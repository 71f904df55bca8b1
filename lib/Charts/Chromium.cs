using System.ComponentModel;
using System.Diagnostics;
using System.Xml.Linq;

namespace Logitscope;

/// <summary>Makes pixels of a picture, by a Chromium that is installed: nothing else here draws text.</summary>
internal static class Chromium
{
    /// <summary>The environment variable that names the program.</summary>
    public const string Variable = "LOGITSCOPE_CHROMIUM";

    private static readonly string[] s_names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge"];

    /// <summary>The program that <c>LOGITSCOPE_CHROMIUM</c> names, else the first on the path; null where there is none.</summary>
    public static string? Find() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => s_names.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)))
            .FirstOrDefault(File.Exists);

    /// <summary>A picture as PNG.</summary>
    /// <param name="svg">The picture, whose root has its width and height.</param>
    /// <param name="scale">Pixels for each of the picture's.</param>
    /// <exception cref="ChartException">There is no Chromium, or it made no picture.</exception>
    public static byte[] Photograph(XElement svg, double scale)
    {
        if (!(scale is > 0 and <= 16))
        {
            throw new ChartException($"A picture has more than 0 and up to 16 pixels for each of its own, got {scale}.");
        }

        var program = Find() ?? throw new ChartException(
            $"A .png needs an installed Chromium, found none on the PATH; name one in {Variable}, or save the figure as .svg.");
        var folder = Directory.CreateTempSubdirectory("logitscope-");
        try
        {
            var (page, picture) = (Path.Combine(folder.FullName, "page.html"), Path.Combine(folder.FullName, "page.png"));
            AtomicFile.Write(page, $"<!DOCTYPE html><meta charset=\"utf-8\"><style>body{{margin:0}}svg{{display:block}}</style>{svg}");
            string[] arguments =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
                $"--user-data-dir={Path.Combine(folder.FullName, "profile")}", $"--force-device-scale-factor={scale}",
                $"--window-size={Pixels("width")},{Pixels("height")}", $"--screenshot={picture}", new Uri(page).AbsoluteUri,
            ];
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return File.Exists(picture) ? File.ReadAllBytes(picture) : throw new ChartException(
                $"{program} made no picture: exit code {process.ExitCode}; {said.Result}");
        }
        catch (Win32Exception error)
        {
            throw new ChartException($"{program}, which is to make a .png, cannot be started: {error.Message}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        int Pixels(string side) => (int)Math.Ceiling((double)svg.Attribute(side)!);
    }
}
