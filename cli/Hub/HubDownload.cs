namespace Logitscope.Cli.Hub;

/// <summary>
/// Brings what a load needs of a repository into a folder. <c>download.json</c> in it says which files of which commit belong
/// there: an interrupted download goes on with that commit, wherever the branch has moved since, and a folder never holds files
/// of two. A file under its own name is whole and has the right hash; a file that is there and is another is never overwritten.
/// </summary>
internal static class HubDownload
{
    private const string ManifestFile = "download.json";

    /// <summary>Downloads, goes on with, or checks a folder.</summary>
    public static async Task<HubRepository> RunAsync(
        string id,
        string revision,
        string folder,
        HubOptions options,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        DownloadMeter? meter = null;
        using var client = new HubClient(options, note => meter?.Note(note));
        var listed = File.Exists(Path.Combine(folder, ManifestFile)) ? null
            : options.Offline ? throw new HubException($"offline: {folder} holds no download of {id}")
            : await HubRepository.ListAsync(client, options, id, revision, cancellation).ConfigureAwait(false);
        using var _ = FolderLock.Take(folder);
        var repository = ReadManifest(folder, id, revision) ?? listed
            ?? throw new HubException($"{folder}: {ManifestFile} was removed by somebody else");
        var missing = await MissingAsync(repository, folder, cancellation).ConfigureAwait(false);
        if (options.Offline && missing.Count > 0)
        {
            throw new HubException(
                $"offline: {folder} is not complete: {string.Join(", ", missing.Select(file => file.Name))} missing");
        }

        var left = missing.Sum(file => (decimal)file.Size - Finished(file));
        DemandSpace(folder, left);
        AtomicFile.Write(Path.Combine(folder, ManifestFile), HubJson.Indented(repository));
        meter = new DownloadMeter((long)repository.Size, progress);
        var done = (long)(repository.Size - missing.Sum(file => (decimal)file.Size));
        foreach (var file in missing)
        {
            var before = done;
            await new RangedDownload(
                client,
                options,
                repository.AddressOf(file, options),
                repository.Commit,
                file,
                Path.Combine(folder, file.Name),
                received => meter.Report(file.Name, before + received)).RunAsync(cancellation).ConfigureAwait(false);
            done += file.Size;
        }

        return repository;

        long Finished(HubFile file) => PartFile.FinishedBytesOf(
            Path.Combine(folder, file.Name), repository.Commit, file, options.ChunkBytes);
    }

    private static HubRepository? ReadManifest(string folder, string id, string revision)
    {
        var path = Path.Combine(folder, ManifestFile);
        if (!File.Exists(path))
        {
            return null;
        }

        var manifest = HubJson.TryReadFile<HubRepository>(path)
            ?? throw new HubException($"{path}: expected the list of a download, got something else");
        return manifest.Id == id && manifest.Revision == revision
            ? manifest
            : throw new HubException(
                $"{folder}: holds {manifest.Id}@{manifest.Revision}, not {id}@{revision}; choose another folder");
    }

    private static async Task<IReadOnlyList<HubFile>> MissingAsync(
        HubRepository repository, string folder, CancellationToken cancellation)
    {
        var missing = new List<HubFile>();
        foreach (var file in repository.Files)
        {
            var found = new FileInfo(Path.Combine(folder, file.Name));
            if (!found.Exists)
            {
                missing.Add(file);
                continue;
            }

            if (found.Length != file.Size
                || await file.HashOfAsync(found.FullName, cancellation).ConfigureAwait(false) != file.Hash)
            {
                throw new HubException(
                    $"{found.FullName}: expected {file.Hash} of {repository.Id}@{repository.Revision}, got another file; "
                    + "remove it or choose another folder");
            }

            PartFile.Delete(found.FullName); // a kill may have left its journal
        }

        return missing;
    }

    private static void DemandSpace(string folder, decimal left)
    {
        const decimal mebi = 1 << 20;
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (left > free)
        {
            throw new HubException($"{folder}: expected {left / mebi:N0} MiB of free disk space, got {free / mebi:N0} MiB");
        }
    }
}

/// <summary>Keeps a second download out of a folder; the kernel lets go of it when the process ends, however it ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Creates the folder where it is not there, and locks it.</summary>
    public static FolderLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FolderLock(new FileStream(
                Path.Combine(folder, ".download.lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"{folder}: another download uses it, or it cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Lets go.</summary>
    public void Dispose() => _file.Dispose();
}
