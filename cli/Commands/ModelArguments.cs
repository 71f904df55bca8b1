using System.CommandLine;
using TorchSharp;

namespace Logitscope.Cli.Commands;

/// <summary>Which model, in which type, on which device.</summary>
internal sealed class ModelArguments
{
    private readonly Option<string?> _model = new("--model")
    {
        Description = "A HuggingFace folder, or ORG/NAME[@REVISION] in HuggingFace's cache. Default: the embedded model.",
        HelpName = "MODEL",
    };

    private readonly Argument<string?> _bare = new("MODEL")
    {
        Description = "The same as --model.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _dtype = new Option<string>("--dtype")
    {
        Description = "Element type: float32 (HuggingFace's numbers), float64, bfloat16 (fast) or float16.",
        DefaultValueFactory = _ => "float32",
    }.Completed(ModelOptions.ElementTypes.Keys);

    private readonly Option<string> _device = new Option<string>("--device")
    {
        Description = "cpu, cuda or cuda:N.",
        DefaultValueFactory = _ => "cpu",
    }.Completed("cpu", "cuda");

    private readonly Option<bool> _allowNonfinite = AllowNonfinite();

    private readonly Option<bool> _tf32 = new("--tf32")
    {
        Description = "float32 matrix products on a GPU round their factors to TF32: faster, and about 1e-3 off.",
    };

    /// <summary>The option of every verb that reads weights.</summary>
    public static Option<bool> AllowNonfinite() =>
        new("--allow-nonfinite") { Description = "Takes NaN and infinity for weights too." };

    /// <summary>Adds the option that names the model, for a verb that needs no weights.</summary>
    public void AddNameTo(Command command) => command.Add(_model);

    /// <summary>Lets the model be named without --model too, in a verb that is about the model alone.</summary>
    public void AddBareTo(Command command)
    {
        command.Add(_bare);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_model)?.Tokens is [var model, ..] && result.GetResult(_bare)?.Tokens is [var bare, ..])
            {
                result.AddError($"expected one model, got '{bare.Value}' and --model '{model.Value}'");
            }
        });
    }

    /// <summary>The model's folder.</summary>
    /// <exception cref="CheckpointException">It is a name that is not in HuggingFace's cache.</exception>
    public string FolderOf(ParseResult parsed) => HuggingFaceCache.FolderOf(Named(parsed) ?? EmbeddedModel.Folder);

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        _dtype.AcceptOnlyFromAmong([.. ModelOptions.ElementTypes.Keys]);
        AddNameTo(command);
        command.Add(_dtype);
        command.Add(_device);
        command.Add(_allowNonfinite);
        command.Add(_tf32);
    }

    /// <summary>Brings the model into memory.</summary>
    public LanguageModel Load(ParseResult parsed) => Load(parsed, Named(parsed));

    /// <summary>Brings another model into memory, in the same type on the same device.</summary>
    public LanguageModel Load(ParseResult parsed, string? folder, bool allowUnread = false)
    {
        var options = new ModelOptions
        {
            Dtype = ModelOptions.ElementTypes[parsed.GetValue(_dtype)!],
            Device = TorchRuntime.DeviceOf(parsed.GetValue(_device)!),
            AllowNonfinite = parsed.GetValue(_allowNonfinite),
            AllowUnread = allowUnread,
        };
        if (parsed.GetValue(_tf32))
        {
            AllowTf32(options);
        }

        return LanguageModel.Load(folder, options);
    }

    private string? Named(ParseResult parsed) => parsed.GetValue(_model) ?? parsed.GetValue(_bare);

    private static void AllowTf32(ModelOptions options)
    {
        if (options.Dtype != torch.float32 || options.Device.type != DeviceType.CUDA)
        {
            throw new LogitscopeException(
                $"--tf32: expected --dtype float32 and --device cuda, got {options.Dtype} on {options.Device}");
        }

        torch.backends.cuda.matmul.allow_tf32 = true;
    }
}
