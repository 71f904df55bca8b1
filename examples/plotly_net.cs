#!/usr/bin/env -S dotnet run --file
// The curves of the layer sweep, drawn by Plotly.NET from the rows, in out/plotly_net.html.
#:project ../Logitscope.Lib.csproj
#:package Plotly.NET
#:package Plotly.NET.CSharp
using Logitscope;
using Plotly.NET.CSharp;

var model = Settings.LoadModel();
var plan = new SweepPlan(model, Settings.ReadPrompts(), new() { PerPrompt = 8 }); // as notebook 03
var sweep = Sweep.Run(plan, Settings.FolderOf(plan));

var curves =
    from row in sweep.Rows
    group row by row.Method into method
    let layers = method.GroupBy(row => row.Layer).OrderBy(layer => layer.Key).ToArray()
    select Chart.Line<int, double, string>(
        layers.Select(layer => layer.Key),
        layers.Select(layer => layer.Average(row => row.PrecisionAt1)),
        Name: method.Key);

var page = Path.Combine(Settings.Out, "plotly_net.html");
Chart.Combine(curves)
    .WithXAxisStyle<int, int, string>(TitleText: "layer (resid_post, 0-based)")
    .WithYAxisStyle<int, int, string>(TitleText: "precision@1 of the model's own next token")
    .SaveHtml(page);
Console.WriteLine(page);
