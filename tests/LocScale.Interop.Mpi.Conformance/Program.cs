using MPI;
using MPI.Conformance;

// Runs the checks that the arguments name, or all of those that need nothing special, on every rank.
// Rank 0 prints "ok NAME" for each. A failing check throws and ends all ranks.
return MPI.Environment.Run(
    world =>
    {
        IEnumerable<string> names = args.Length > 0 ? args : Checks.Ordinary.Keys;
        foreach (string name in names)
        {
            (Checks.Ordinary.TryGetValue(name, out Action<Intracommunicator>? ordinary) ? ordinary : Checks.Special[name])(world);
            Checks.Meet(world);
            if (world.Rank == 0)
                Console.WriteLine($"ok {name}");
        }
        return 0;
    },
    exception => new FailureReport($"FAILED {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}", 7));
