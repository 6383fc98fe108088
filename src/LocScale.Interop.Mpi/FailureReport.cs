namespace MPI;

/// <summary>How a failing rank takes its leave.</summary>
/// <param name="Message">What is printed to standard error, once.</param>
/// <param name="ExitCode">The non-zero exit code of the run.</param>
public readonly record struct FailureReport(string Message, int ExitCode);
