using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("LocScale.Mpi.Tests")]
