using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Logitscope.World;

/// <summary>Writes a byte-level BPE tokenizer as a folder of GPT-2's files, from which this library and HuggingFace read it back.</summary>
internal static class TokenizerFolder
{
    private static readonly JsonSerializerOptions s_lines =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, IndentSize = 0, NewLine = "\n" };

    private static readonly JsonSerializerOptions s_indented = new(s_lines) { IndentSize = 2 };

    /// <summary>Writes vocab.json, merges.txt and tokenizer_config.json.</summary>
    /// <exception cref="TokenizerException">
    /// A file cannot be written, or the tokenizer normalises its text, which these files cannot say.
    /// </exception>
    public static void Save(this ByteLevelBpe tokenizer, string folder)
    {
        var vocabulary = tokenizer.Vocabulary;
        if (vocabulary.Normalizer != TextRewriter.None)
        {
            throw new TokenizerException(
                $"'{folder}' cannot be written: expected a tokenizer without a normalizer, got one with NFC, "
                + "which only a tokenizer.json can say.");
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"The folder '{folder}' cannot be made: {error.Message}", error);
        }

        var byId = new OrderedDictionary<string, int>(vocabulary.Tokens.OrderBy(token => token.Value));
        Write(Path.Combine(folder, "vocab.json"), JsonSerializer.Serialize(byId, s_lines) + "\n");
        var tokenOf = vocabulary.Tokens.ToDictionary(token => token.Value, token => token.Key);
        var merges = vocabulary.Merges.Select(merge => $"{tokenOf[merge.Left]} {tokenOf[merge.Right]}\n");
        Write(Path.Combine(folder, "merges.txt"), $"#version: 0.2\n{string.Concat(merges)}");
        Write(Path.Combine(folder, "tokenizer_config.json"), Configuration(vocabulary.Special).ToJsonString(s_indented) + "\n");
    }

    private static JsonObject Configuration(SpecialTokens special)
    {
        var added = special.Added.OrderBy(token => token.Id).Select(token => KeyValuePair.Create($"{token.Id}", (JsonNode?)new JsonObject
        {
            ["content"] = token.Text,
            ["lstrip"] = false,
            ["normalized"] = token.IsNormalized,
            ["rstrip"] = false,
            ["single_word"] = false,
            ["special"] = token.Id == special.BosId || token.Id == special.EosId,
        }));
        return new()
        {
            ["tokenizer_class"] = "GPT2Tokenizer",
            ["add_bos_token"] = special.AddsBos,
            ["add_prefix_space"] = false,
            ["added_tokens_decoder"] = new JsonObject(added),
            ["bos_token"] = TextOf(special.BosId),
            ["eos_token"] = TextOf(special.EosId),
            ["unk_token"] = TextOf(special.EosId),
        };

        string? TextOf(int? role) => special.Added.FirstOrDefault(token => token.Id == role).Text;
    }

    private static void Write(string path, string text)
    {
        try
        {
            AtomicFile.Write(path, text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"'{path}' cannot be written: {error.Message}", error);
        }
    }
}
