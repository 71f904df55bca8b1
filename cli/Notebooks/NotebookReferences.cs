using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Scripting;

namespace Logitscope.Cli.Notebooks;

/// <summary>
/// Finds the assemblies that cells name, for the compiler. It hands out one object a file, so that every cell shares
/// the compiler's reading of it; and it never follows the runner's own references, which are no business of a notebook.
/// </summary>
/// <param name="folder">Where relative paths start: the notebook's folder.</param>
internal sealed class NotebookReferences(string folder) : MetadataReferenceResolver
{
    private static readonly string s_runner = typeof(NotebookReferences).Assembly.Location;
    private static readonly string s_library = typeof(LogitscopeException).Assembly.Location;

    private readonly ScriptMetadataResolver _scripts = ScriptMetadataResolver.Default.WithBaseDirectory(folder);
    private readonly Dictionary<(string Path, MetadataReferenceProperties), PortableExecutableReference> _known = [];

    public override bool ResolveMissingAssemblies => true;

    public override PortableExecutableReference? ResolveMissingAssembly(
        MetadataReference definition, AssemblyIdentity referenceIdentity) =>
        (definition as PortableExecutableReference)?.FilePath == s_runner
            ? null
            : Share(_scripts.ResolveMissingAssembly(definition, referenceIdentity));

    public override ImmutableArray<PortableExecutableReference> ResolveReference(
        string reference, string? baseFilePath, MetadataReferenceProperties properties) =>
        [.. _scripts.ResolveReference(reference, null, properties).Select(found => Share(OwnLibrary(found))!)];

    public override bool Equals(object? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => folder.GetHashCode(StringComparison.Ordinal);

    /// <summary>
    /// The runtime gives the runner's own copy of the library to whoever asks for the name, so cells are compiled
    /// against that copy, whichever they point at.
    /// </summary>
    private static PortableExecutableReference OwnLibrary(PortableExecutableReference found) =>
        Path.GetFileName(found.FilePath) == Path.GetFileName(s_library)
            ? MetadataReference.CreateFromFile(s_library, found.Properties)
            : found;

    private PortableExecutableReference? Share(PortableExecutableReference? found) =>
        found?.FilePath is not { } path ? found
        : _known.TryGetValue((path, found.Properties), out var first) ? first
        : _known[(path, found.Properties)] = found;
}
