using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("LocScale.Models.Tests")]
