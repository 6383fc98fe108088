using LocScale.Tests;
using MPI.Native;

namespace MPI.Tests;

/// <summary>Which library is taken, and what is said when there is none.</summary>
public sealed class LibraryChoiceTests
{
    [Test]
    public void Without_a_launcher_no_library_is_wanted()
    {
        Launch launch = Launched();
        Assert.That(launch.WantsMpi, Is.False);
        Assert.That((launch.DeclaredRank, launch.DeclaredSize), Is.EqualTo((0, (int?)null)));
    }

    [Test]
    public void An_empty_variable_counts_as_unset() =>
        Assert.That(Launched(("LOCSCALE_MPI", ""), ("LOCSCALE_MPI_LIBRARY", ""), ("PMI_RANK", "")).WantsMpi, Is.False);

    [Test]
    public void Open_MPI_is_known_by_its_world_size()
    {
        Launch launch = Launched(("OMPI_COMM_WORLD_SIZE", "8"), ("OMPI_COMM_WORLD_RANK", "3"), ("PMIX_RANK", "3"));
        Assert.That(launch.Candidates, Is.EqualTo([Implementation.OpenMpi]));
        Assert.That((launch.DeclaredRank, launch.DeclaredSize), Is.EqualTo((3, (int?)8)));
    }

    [Test]
    public void A_PMI_launcher_means_MPICH_first_and_on_Windows_Microsoft_MPI()
    {
        (string, string)[] variables = [("PMI_RANK", "2"), ("PMI_SIZE", "4")];
        Launch launch = Launched(variables);
        Assert.That(launch.Candidates, Is.EqualTo([Implementation.Mpich, Implementation.OpenMpi]));
        Assert.That((launch.DeclaredRank, launch.DeclaredSize), Is.EqualTo((2, (int?)4)));
        Assert.That(Launched(true, variables).Candidates, Is.EqualTo([Implementation.MsMpi]));
    }

    [Test]
    public void A_PMIx_launcher_such_as_srun_means_Open_MPI_first() =>
        Assert.That(Launched(("PMIX_RANK", "0")).Candidates, Is.EqualTo([Implementation.OpenMpi, Implementation.Mpich]));

    [TestCase("", "each of them is alone")]
    [TestCase("MPICH Version: 4.0.2", "the MPI library (MPICH Version: 4.0.2) sees 1")]
    public void Tasks_of_srun_that_MPI_does_not_know_of_are_told_which_flag_is_missing(string library, string sees)
    {
        (string, string)[] variables = [("SLURM_STEP_NUM_TASKS", "4"), ("SLURM_PROCID", "2"), ("SLURM_NTASKS", "4")];
        Launch launch = Launched(variables);
        Assert.That((launch.WantsMpi, launch.DeclaredRank, launch.DeclaredSize), Is.EqualTo((false, 2, (int?)4)));
        Assert.That(Launched([.. variables, ("LOCSCALE_MPI", "openmpi")]).WantsMpi, Is.False);
        Assert.That(
            launch.Mismatch(1, library.Length == 0 ? null : library),
            Is.EqualTo($"srun started 4 tasks, but {sees}: start them with 'srun --mpi=pmix' (Open MPI) or 'srun --mpi=pmi2' (MPICH, "
                + "Intel MPI), whichever 'srun --mpi=list' shows, or with 'mpirun -np 4' in place of srun."));
        Assert.That(launch.Mismatch(4, library), Is.Null);
    }

    [Test]
    public void Number_of_tasks_of_a_batch_script_or_of_the_daemons_of_mpirun_is_not_that_of_the_ranks()
    {
        (string, string)[] script = [("SLURM_NTASKS", "8"), ("SLURM_PROCID", "0"), ("SLURM_JOB_ID", "7")];
        (string, string)[] daemon = [("SLURM_STEP_NUM_TASKS", "2"), ("SLURM_PROCID", "1")];
        Assert.That(Launched(script).Mismatch(1, null), Is.Null);
        Assert.That(
            Launched([.. daemon, ("OMPI_COMM_WORLD_SIZE", "8"), ("OMPI_COMM_WORLD_RANK", "5")]).Mismatch(8, "Open MPI"), Is.Null);
        Assert.That(Launched([.. daemon, ("PMI_SIZE", "8"), ("PMI_RANK", "5")]).Mismatch(8, "MPICH"), Is.Null);
        Assert.That(
            Launched([.. daemon, ("PMI_SIZE", "8"), ("PMI_RANK", "5")]).Mismatch(1, "MPICH"), Does.StartWith("The launcher started 8"));
    }

    [Test]
    public void Only_Hydra_is_spoken_to_by_its_protocol()
    {
        (string, string)[] hydra = [("PMI_SIZE", "8"), ("PMI_RANK", "5"), ("PMI_FD", "6")];
        Assert.That(Launched(hydra).HydraSocket, Is.EqualTo(6));
        // srun's pmi2 has another protocol on the same descriptor.
        Assert.That(Launched([.. hydra, ("SLURM_STEP_NUM_TASKS", "8"), ("SLURM_MPI_TYPE", "pmi2")]).HydraSocket, Is.Null);
        Assert.That(Launched([.. hydra, ("OMPI_COMM_WORLD_SIZE", "8")]).HydraSocket, Is.Null);
        Assert.That(Launched(true, hydra).HydraSocket, Is.Null);
    }

    [Test]
    public void The_users_wish_outweighs_the_launcher()
    {
        Launch launch = Launched(("OMPI_COMM_WORLD_SIZE", "8"), ("LOCSCALE_MPI", "MPICH"));
        Assert.That(launch.Candidates, Is.EqualTo([Implementation.Mpich]));
    }

    [Test]
    public void A_wish_for_an_unknown_library_names_those_known()
    {
        ProgramRun run = Conformance.Alone(["session"], ("LOCSCALE_MPI", "lam"));
        Assert.That(run.ExitCode, Is.EqualTo(7), run.ToString());
        Assert.That(
            run.Error,
            Is.EqualTo("FAILED LibraryNotFoundException: LOCSCALE_MPI is 'lam', but must be openmpi, mpich or msmpi.\n"));
    }

    [TestCase("OpenMpi", "openmpi-bin and libopenmpi3")]
    [TestCase("Mpich", "the package mpich")]
    [TestCase("MsMpi", "the Microsoft MPI redistributable")]
    public void A_missing_library_is_told_in_one_sentence_that_names_the_package(string implementation, string package)
    {
        string message = MpiLibrary.Missing(Enum.Parse<Implementation>(implementation));
        Assert.That(message, Does.Contain(package).And.Contain("LOCSCALE_MPI_LIBRARY").And.EndsWith("."));
    }

    [Test]
    public void A_missing_library_ends_the_program_with_that_sentence()
    {
        ProgramRun run = Conformance.Alone(["session"], ("LOCSCALE_MPI", "msmpi"));
        Assert.That(run.ExitCode, Is.EqualTo(7), run.ToString());
        Assert.That(
            run.Error, Is.EqualTo($"FAILED LibraryNotFoundException: {MpiLibrary.Missing(Implementation.MsMpi)}\n"));
    }

    [TestCase("/nowhere/libmpi.so", "/nowhere/libmpi.so: cannot open shared object file")]
    [TestCase("libc.so.6", "libc.so.6 is no MPI library of version 3.1 or later")]
    public void A_library_file_that_will_not_do_is_told_with_the_reason(string file, string reason)
    {
        ProgramRun run = Conformance.Alone(["session"], ("LOCSCALE_MPI_LIBRARY", file));
        Assert.That(run.ExitCode, Is.EqualTo(7), run.ToString());
        Assert.That(run.Error, Does.StartWith("FAILED LibraryNotFoundException: ").And.Contain(reason));
        Assert.That(run.Error.Split('\n'), Has.Length.EqualTo(2));
    }

    [TestCase("openmpi", "mpich")]
    [TestCase("mpich", "openmpi")]
    [Category("Mpirun")]
    public void A_library_of_another_launcher_is_refused_instead_of_running_every_rank_alone(string launcher, string library)
    {
        ProgramRun run = Conformance.Under(launcher, 2, ["session"], ("LOCSCALE_MPI", library));
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        Assert.That(run.Output + run.Error, Does.Contain("The launcher started 2 ranks").And.Contain("sees 1"), run.ToString());
        Assert.That(run.Output, Does.Not.Contain("ok session"));
    }

    private static Launch Launched(params (string Name, string Value)[] variables) => Launched(false, variables);

    private static Launch Launched(bool onWindows, (string Name, string Value)[] variables) =>
        Launch.From(name => Array.Find(variables, variable => variable.Name == name).Value, onWindows);
}
