namespace Logitscope.Charts.Rendering;

/// <summary>Colours written as # and six hexadecimal digits.</summary>
internal static class Rgb
{
    /// <summary>Red, green and blue from 0 to 255.</summary>
    public static int[] Channels(string color) =>
        [Convert.ToInt32(color[1..3], 16), Convert.ToInt32(color[3..5], 16), Convert.ToInt32(color[5..7], 16)];

    /// <summary>Relative luminance by WCAG 2, from 0 (black) to 1 (white).</summary>
    public static double Luminance(string color)
    {
        var linear = Channels(color).Select(channel => channel / 255.0)
            .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)).ToArray();
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    }
}
