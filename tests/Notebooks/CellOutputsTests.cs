using Logitscope.Cli.Notebooks;

namespace Logitscope.Tests.Notebooks;

public class CellOutputsTests
{
    [Fact]
    public void Text_of_one_stream_is_one_entry_until_another_kind_comes()
    {
        var outputs = new CellOutputs();
        outputs.Write("stdout", "a");
        outputs.Write("stdout", "b");
        outputs.Write("stderr", "c");
        outputs.Write("stdout", "");
        outputs.Write("stderr", "d");

        Assert.Equal(
            [("stdout", "ab"), ("stderr", "cd")],
            outputs.Snapshot().Cast<StreamOutput>().Select(stream => (stream.Name, stream.Text.ToString())));
    }

    [Fact]
    public void What_a_cell_sends_after_it_was_given_up_is_dropped()
    {
        var outputs = new CellOutputs();
        outputs.CloseWith(new ErrorOutput("Name", "message", []));
        outputs.Write("stdout", "late");
        outputs.Add(new StreamOutput("stdout"));

        Assert.IsType<ErrorOutput>(Assert.Single(outputs.Snapshot()));
    }
}
