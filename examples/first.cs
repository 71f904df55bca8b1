#!/usr/bin/env -S dotnet run --file
// The first steps: what every layer would say next, and one residual read by the bare prompt "?".
#:project ../Logitscope.Lib.csproj

using Logitscope;

const string text = "The capital of France is";
using var model = LanguageModel.Load();
Console.WriteLine(model.LogitLens(text).ToText());

var patched = new Patchscope(
    Source: new(model, text, layer: 5, position: ^1),
    Target: new(model, "?", layer: 5, position: ^1)).Run();
Console.WriteLine(patched.ToText());
