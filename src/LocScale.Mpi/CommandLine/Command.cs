namespace LocScale.Mpi.CommandLine;

/// <summary>What the arguments ask for: one of the records below.</summary>
public abstract record Command;

/// <summary>Sharpen a map.</summary>
/// <param name="Options">How.</param>
public sealed record RunCommand(RunOptions Options) : Command;

/// <summary>Print a text, <c>--help</c> or <c>--version</c>, and end with exit code 0.</summary>
/// <param name="Text">The text, with its last line end.</param>
public sealed record PrintCommand(string Text) : Command;

/// <summary>Write the example data.</summary>
/// <param name="Folder">The folder for it.</param>
public sealed record ExampleCommand(string Folder) : Command;
