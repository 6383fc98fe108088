@echo off
rem Starts the program of the published folder. Under MS-MPI:
rem   mpiexec -n 4 locscale-mpi.cmd -hm half1.mrc half2.mrc -mc model.pdb -o sharpened.mrc -mpi
rem FFTW 3 (libfftw3f-3.dll and libfftw3-3.dll of https://www.fftw.org/install/windows.html) belongs into lib.
"%~dp0lib\locscale-mpi.exe" %*
exit /b %errorlevel%
