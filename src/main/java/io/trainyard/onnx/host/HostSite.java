package io.trainyard.onnx.host;

import io.trainyard.process.ControlSocket;
import io.trainyard.process.CrashFile;
import io.trainyard.process.ProcessCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.springframework.util.unit.DataSize;

/**
 * Where and how hosts are started.
 *
 * @param main the class to start, where the program is no executable jar
 * @param sockets a folder for control sockets
 * @param crashes a folder for the crash files of the JVM
 * @param natives the folder of native libraries
 * @param mostBytes for the weights and values of all networks of one host
 * @param lanes how many requests one host computes at once
 * @param oomKills how many processes of this control group the kernel has ended for memory
 */
public record HostSite(
    String main,
    Path sockets,
    Path crashes,
    Path natives,
    long mostBytes,
    int lanes,
    LongSupplier oomKills) {
  /** Beyond its tensors, a host has few objects. */
  static final DataSize HEAP = DataSize.ofMegabytes(48);

  /** No key of the service, no password: a file may be made to read its process. */
  private static final Set<String> VARIABLES =
      Set.of("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "LD_PRELOAD", "PATH", "TMPDIR", "TZ");

  /** A setting of the service, which may be a password too. */
  private static final Pattern SETTING =
      Pattern.compile("-D(spring|server|management|trainyard)\\..*");

  /** The command of a process that has no settings of the service. */
  static ProcessCommand withoutSettings(ProcessCommand command) {
    return new ProcessCommand(
        command.java(),
        command.options().stream().filter(option -> !SETTING.matcher(option).matches()).toList(),
        command.classPath(),
        command.main(),
        command.arguments());
  }

  /** Deletes what killed processes left in the memory for tensors. */
  public HostSite deleteAbandoned() {
    SharedTensors.deleteAbandoned();
    return this;
  }

  /** A process that has not connected yet. What a file makes it write is not for the log. */
  Process start(ControlSocket socket, Path crash, DataSize heap, int nice) throws IOException {
    ControlSocket.privateFolder(crashes);
    CrashFile.deleteOldest(crashes, HostProcess.CRASHES);
    List<String> options =
        new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=24m"));
    // What the JVM would otherwise say of a crash on the standard output is in the crash file.
    options.add("-XX:-PrintWarnings");
    ProcessBuilder builder =
        new ProcessBuilder(
                withoutSettings(ProcessCommand.ofThisProcess(main, List.of()))
                    .line(crash, heap, options, HostProgram.arguments(this, socket.path(), nice)))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(VARIABLES);
    return builder.start();
  }
}
