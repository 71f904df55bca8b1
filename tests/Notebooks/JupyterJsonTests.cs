using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Logitscope.Cli.Notebooks;

namespace Logitscope.Tests.Notebooks;

public class JupyterJsonTests
{
    [Fact]
    public void Keys_are_sorted_and_levels_are_one_space()
    {
        var json = new JsonObject
        {
            ["b"] = new JsonArray(1, null, new JsonArray()),
            ["a"] = new JsonObject(),
            ["B"] = "é😀\u2028",
        };

        Assert.Equal(
            "{\n \"B\": \"é😀\u2028\",\n \"a\": {},\n \"b\": [\n  1,\n  null,\n  []\n ]\n}\n", JupyterJson.Write(json));
    }

    [Fact]
    public void A_half_of_a_surrogate_pair_is_escaped_because_UTF8_has_no_place_for_it() =>
        Assert.Equal("\"\\ud83dx\"\n", JupyterJson.Write(JsonValue.Create("\ud83dx")));

    [Fact]
    public void Any_text_reads_back_as_it_was() => Prop.ForAll<string>(text =>
    {
        var value = text ?? "";
        return (string)JsonNode.Parse(JupyterJson.Write(JsonValue.Create(value)))! == value;
    }).Holds();
}
