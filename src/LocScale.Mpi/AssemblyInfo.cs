using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("LocScale.Benchmarks")]
[assembly: InternalsVisibleTo("LocScale.Mpi.Tests")]
