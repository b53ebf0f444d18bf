package io.trainyard.process;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.springframework.util.unit.DataSize;

/**
 * The command line of a process that this one starts: its own program and options, with a heap and
 * a collector of its own. Secrets and settings travel over the control channel, where no list of
 * processes shows them.
 *
 * @param options the JVM options of this process
 * @param classPath a jar that starts by itself, or folders and jars
 * @param arguments the arguments of this process
 */
public record ProcessCommand(
    String java, List<String> options, String classPath, String main, List<String> arguments) {
  /** Variables with JVM options; the command line has what is left of them. */
  public static final List<String> OPTION_VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** What belongs to one process alone: memory, debuggers, recordings, ports. */
  private static final Pattern OWN =
      Pattern.compile(
          "-Xm[sx].*|-XX:(Max|Min|Initial)(Heap|RAM).*|-XX:ErrorFile=.*|-XX:StartFlightRecording.*"
              + "|-XX:HeapDumpPath=.*|-Xlog:(?!aot).*|-agentlib:.*|-agentpath:.*|-javaagent:.*"
              + "|-Xrunjdwp.*|-Dcom\\.sun\\.management\\.jmxremote.*"
              + "|-XX:AOT(Mode|CacheOutput|Configuration)=.*|-XX:ArchiveClassesAtExit=.*");

  /** By default the JVM would begin with a part of the machine's memory. */
  private static final DataSize LEAST_HEAP = DataSize.ofMegabytes(32);

  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

  /** The command of this process. */
  public static ProcessCommand ofThisProcess(String main, List<String> arguments) {
    return new ProcessCommand(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        System.getProperty("java.class.path"),
        main,
        arguments);
  }

  /**
   * A command line.
   *
   * @param crash the file that the JVM writes when it crashes
   * @param heap the largest Java heap
   * @param more options of the JVM
   * @param given the arguments
   */
  public List<String> line(Path crash, DataSize heap, List<String> more, List<String> given) {
    List<String> line = new ArrayList<>();
    line.add(java);
    options.stream().filter(option -> !OWN.matcher(option).matches()).forEach(line::add);
    if (options.stream().noneMatch(option -> COLLECTOR.matcher(option).matches())) {
      // It has few objects: the smallest collector leaves the most memory to tensors.
      line.add("-XX:+UseSerialGC");
    }
    line.add("-Xms" + LEAST_HEAP.toBytes());
    line.add("-Xmx" + heap.toBytes());
    line.add("-XX:ErrorFile=" + crash);
    line.add("-XX:-CreateCoredumpOnCrash");
    line.addAll(more);
    if (isExecutableJar()) {
      line.addAll(List.of("-jar", classPath));
    } else {
      line.addAll(List.of("-cp", classPath, main));
    }
    line.addAll(given);
    return line;
  }

  private boolean isExecutableJar() {
    if (!classPath.endsWith(".jar") || classPath.contains(File.pathSeparator)) {
      return false;
    }
    try (JarFile jar = new JarFile(classPath)) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      return manifest.getValue("Start-Class") != null
          || main.equals(manifest.getValue(Attributes.Name.MAIN_CLASS));
    } catch (IOException e) {
      return false;
    }
  }
}
