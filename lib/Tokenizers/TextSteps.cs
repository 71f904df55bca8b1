namespace Logitscope;

// The steps of a tokenizer.json around its model: normalizer, pre_tokenizer, post_processor, decoder. Only those of the known
// families are known; every other is refused by name.
internal static class TextSteps
{
    private const string Space = "▁";

    private static readonly string[] s_sequences = ["normalizers", "pretokenizers", "processors", "decoders"];

    /// <summary>The normalizer of a byte-level tokenizer: none or NFC.</summary>
    public static TextRewriter ByteLevelNormalizer(JsonField field) => Names(field) switch
    {
        [] => TextRewriter.None,
        ["NFC"] => new NfcRewriter(),
        _ => throw Unknown(field, "none or NFC"),
    };

    /// <summary>The pre_tokenizer of a byte-level tokenizer: GPT-2's pattern, or one that is written beside it.</summary>
    public static TextSplitter Splitter(JsonField cutter)
    {
        JsonField[] steps = cutter["type"].Text() == "Sequence" ? [.. cutter["pretokenizers"].Items()] : [cutter];
        var byteLevel = steps[^1];
        byteLevel.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
        byteLevel["add_prefix_space"].RequireFlag(implemented: false, otherwise: true);
        byteLevel["use_regex"].RequireFlag(implemented: steps.Length == 1, otherwise: true);
        if (steps is not [var split, _])
        {
            return steps.Length == 1 ? Gpt2Splitter.Instance : throw Unknown(cutter, "Split and ByteLevel");
        }

        split["type"].Refuse(split["type"].Text() != "Split", "Split", split["type"].Text());
        split.AllowOnly("type", "pattern", "behavior", "invert");
        split["pattern"].AllowOnly("Regex");
        split["behavior"].Refuse(split["behavior"].Text() != "Isolated", "Isolated", split["behavior"].Text());
        split["invert"].RequireFlag(implemented: false, otherwise: false);
        var pattern = split["pattern"]["Regex"];
        return Llama3Splitter.ByPattern.TryGetValue(pattern.Text(), out var splitter)
            ? splitter
            : throw pattern.Wrong("LLaMA 3's or Qwen2's", $"'{pattern.Text()}'");
    }

    /// <summary>Whether the bytes of a text are merged: its last cut is ByteLevel's.</summary>
    public static bool IsByteLevel(JsonField cutter) => Names(cutter) is [.., "ByteLevel"];

    // Where a LLaMA tokenizer writes its spaces: in the normalizer (legacy), which goes before the added tokens that are
    // normalised, or in the pre_tokenizer, which goes after.
    public static (TextRewriter Normalizer, TextRewriter Preparation) SpaceRules(JsonField normalizer, JsonField cutter)
    {
        var splitsAtReplaced = Names(normalizer) is ["Replace ' ' by '▁'"] && Names(cutter) is ["Split at ' '"]; // Gemma's: at nothing
        if (cutter.IsNull || splitsAtReplaced)
        {
            return Names(normalizer) switch
            {
                ["Prepend ▁", "Replace ' ' by '▁'"] => (new SpaceRewriter(SpacePrefix.Always), TextRewriter.None),
                ["Replace ' ' by '▁'"] => (new SpaceRewriter(SpacePrefix.None), TextRewriter.None),
                _ => throw Unknown(normalizer, "Prepend ▁ and Replace ' ' by '▁', or the latter"),
            };
        }

        if (Names(cutter) is not ["Metaspace"])
        {
            throw Unknown(cutter, "ByteLevel, Metaspace or none");
        }

        return normalizer.IsNull
            ? (TextRewriter.None, new SpaceRewriter(PrefixOf(cutter, mayCut: false)))
            : throw Unknown(normalizer, "none beside Metaspace");
    }

    /// <summary>The token that a post_processor puts in front of a text, or null.</summary>
    public static string? BosOfTemplate(JsonField field)
    {
        if (field.IsNull || Names(field) is ["ByteLevel"])
        {
            return null;
        }

        if (Names(field) is ["ByteLevel", "TemplateProcessing"])
        {
            field = field["processors"].Items().Last();
        }
        else if (Names(field) is not ["TemplateProcessing"])
        {
            throw Unknown(field, "ByteLevel, TemplateProcessing, both in this order or none");
        }

        field.AllowOnly("type", "single", "pair", "special_tokens");
        return field["single"].Items().ToArray() switch
        {
            [var text] when IsText(text) => null,
            [var bos, var text] when IsText(text) && !bos["SpecialToken"].IsNull => bos["SpecialToken"]["id"].Text(),
            _ => throw field["single"].Wrong("the text, alone or after one special token", "another template"),
        };

        static bool IsText(JsonField part) => part["Sequence"]["id"] is { IsNull: false } id && id.Text() == "A";
    }

    /// <summary>Whether a LLaMA tokenizer's decoder drops the space in front.</summary>
    public static bool DecoderDropsFirstSpace(JsonField field, bool fallsBackToBytes) => Names(field) switch
    {
        ["Replace '▁' by ' '", "ByteFallback", "Fuse", "Strip 1 ' '"] => true,
        ["Replace '▁' by ' '", "ByteFallback", "Fuse"] => false,
        ["Metaspace"] when !fallsBackToBytes => PrefixOf(field, mayCut: true) != SpacePrefix.None,
        _ => throw Unknown(field, "Replace '▁' by ' ', ByteFallback, Fuse and perhaps Strip 1 ' '"),
    };

    /// <summary>The steps of a field in order, a sequence's too, each said in words with what it is set to.</summary>
    private static string[] Names(JsonField field)
    {
        if (field.IsNull)
        {
            return [];
        }

        if (field["type"].Text() != "Sequence")
        {
            return Step(field);
        }

        field.AllowOnly(["type", .. s_sequences]);
        return [.. s_sequences.SelectMany(key => field[key].Items()).SelectMany(Step)];
    }

    private static string[] Step(JsonField field)
    {
        var type = field["type"].Text();
        switch (type)
        {
            case "Prepend":
                field.AllowOnly("type", "prepend");
                return [$"Prepend {field["prepend"].Text()}"];
            case "Replace":
                field.AllowOnly("type", "pattern", "content");
                field["pattern"].AllowOnly("String");
                return [$"Replace '{field["pattern"]["String"].Text()}' by '{field["content"].Text()}'"];
            case "Strip":
                field.AllowOnly("type", "content", "start", "stop");
                return field["stop"].Id() == 0
                    ? [$"Strip {field["start"].Id()} '{field["content"].Text()}'"]
                    : throw field["stop"].Wrong("0", field["stop"].Value.GetRawText());
            case "Split" when !field["pattern"]["String"].IsNull:
                field.AllowOnly("type", "pattern", "behavior", "invert");
                field["pattern"].AllowOnly("String");
                field["invert"].RequireFlag(implemented: false, otherwise: false);
                return [$"Split at '{field["pattern"]["String"].Text()}'"];
            case "NFC" or "ByteFallback" or "Fuse":
                field.AllowOnly("type");
                return [type];
            default:
                return [type];
        }
    }

    /// <summary>Where a Metaspace puts a space in front. A decoder cuts nothing, whatever its "split".</summary>
    private static SpacePrefix PrefixOf(JsonField metaspace, bool mayCut)
    {
        metaspace.AllowOnly("type", "replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep");
        var replacement = metaspace["replacement"];
        replacement.Refuse(replacement.Text() is not Space, Space, replacement.Text());
        if (!mayCut)
        {
            metaspace["split"].RequireFlag(implemented: false, otherwise: true);
        }

        var scheme = metaspace["prepend_scheme"].TextIfAny()
            ?? (metaspace["add_prefix_space"].Flag(otherwise: true) ? "always" : "never");
        return scheme switch
        {
            "always" => SpacePrefix.UnlessThere,
            "first" => SpacePrefix.FirstUnlessThere,
            "never" => SpacePrefix.None,
            _ => throw metaspace["prepend_scheme"].Wrong("always, first or never", scheme),
        };
    }

    private static TokenizerException Unknown(JsonField field, string expected) =>
        field.Wrong(expected, Names(field) is { Length: > 0 } names ? string.Join(", ", names) : "none");
}
