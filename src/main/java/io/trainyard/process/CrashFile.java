package io.trainyard.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the JVM writes when it dies of a native fault. Its form is described in the JDK's
 * troubleshooting guide, "Fatal Error Log".
 *
 * @param signal as {@code SIGSEGV}; empty when the JVM gave up by itself
 * @param frame the function and library; empty when unknown
 * @param thread the name of the JVM's thread; empty for a thread that a native library started
 * @param sent whether another process sent the signal
 */
public record CrashFile(String signal, String frame, String thread, boolean sent) {
  private static final Logger log = LoggerFactory.getLogger(CrashFile.class);

  /** The most files of one kind that are kept, and the part of one that is read. */
  private static final int MAX_FILES = 10;

  private static final int MAX_READ = 64 << 10;

  private static final Pattern SIGNAL = Pattern.compile("^#\\s+(SIG\\w+)", Pattern.MULTILINE);
  private static final Pattern FRAME =
      Pattern.compile("^# Problematic frame:\\n#\\s+(.+)$", Pattern.MULTILINE);

  /** A frame of native code: its library and, if known, its function with the offset in it. */
  private static final Pattern NATIVE_FRAME =
      Pattern.compile("C\\s+\\[(\\S+)\\+0x\\w+](?:\\s+(.+?)(?:\\+0x\\w+)?)?");

  private static final Pattern THREAD =
      Pattern.compile("^Current thread \\(\\w+\\):\\s+\\w+ \"([^\"]*)\"", Pattern.MULTILINE);

  private static final Pattern SENT =
      Pattern.compile("^siginfo: .*\\(SI_(USER|TKILL|QUEUE)\\)", Pattern.MULTILINE);

  /** A name that no other process has: containers reuse the ids of processes. */
  public static Path unique(Path folder, String kind) {
    return folder.resolve(kind + "-" + UUID.randomUUID() + ".log");
  }

  /** The file of a process that has ended, if it left one. */
  public static Optional<CrashFile> read(Path file) {
    try (var in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(MAX_READ), StandardCharsets.UTF_8);
      return text.isBlank() ? Optional.empty() : Optional.of(parse(text)); // the disk may be full
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static CrashFile parse(String text) {
    return new CrashFile(
        find(SIGNAL, text),
        function(find(FRAME, text).strip()),
        find(THREAD, text),
        SENT.matcher(text).find());
  }

  private static String find(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find() ? found.group(1) : "";
  }

  private static String function(String frame) {
    Matcher parts = NATIVE_FRAME.matcher(frame);
    if (!parts.matches()) {
      return frame;
    }
    return parts.group(2) == null ? parts.group(1) : parts.group(2) + " (" + parts.group(1) + ")";
  }

  /** Deletes the oldest of one kind, so that a process that dies again and again fills no disk. */
  public static void deleteOldest(Path folder, String kind) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> newestFirst =
          files
              .filter(file -> file.getFileName().toString().startsWith(kind + "-"))
              .sorted(
                  Comparator.comparingLong((Path file) -> file.toFile().lastModified()).reversed())
              .toList();
      for (Path old :
          newestFirst.subList(Math.min(MAX_FILES, newestFirst.size()), newestFirst.size())) {
        Files.delete(old);
      }
    } catch (IOException e) {
      log.warn("Old crash files cannot be deleted: {}", e.toString());
    }
  }
}
