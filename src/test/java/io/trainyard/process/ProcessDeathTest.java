package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an exit code and a crash file say about the end of a worker. */
class ProcessDeathTest {
  private static final String CRASH =
      """
      #
      # A fatal error has been detected by the Java Runtime Environment:
      #
      #  SIGSEGV (0xb) at pc=0x00007f3a5c1b2c3d, pid=4711, tid=4720
      #
      # JRE version: OpenJDK Runtime Environment (25.0) (build 25)
      # Problematic frame:
      # C  [libtorch_cpu.so+0x4f1c2a0]  at::native::norm_backward(float const*, long)+0x1b3
      #
      # Core dump will be written.

      ---------------  T H R E A D  ---------------

      Current thread (0x00007f3a2c0e1b40):  JavaThread "compute-2-1 for job 0192-ab" daemon [_thread_in_native, id=4720]
      """;

  private static final String NO_MEMORY =
      """
      #
      # There is insufficient memory for the Java Runtime Environment to continue.
      # Native memory allocation (mmap) failed to map 65536 bytes.
      """;

  @TempDir private Path folder;

  private static ProcessDeath death(int code, String file) {
    return new ProcessDeath(code, false, file.isEmpty() ? null : CrashFile.parse(file));
  }

  @Test
  void aCrashNamesSignalFunctionLibraryAndThread() {
    ProcessDeath death = death(1, CRASH);

    assertThat(death.isCrash()).isTrue();
    assertThat(death.cause())
        .isEqualTo("SIGSEGV in at::native::norm_backward(float const*, long) (libtorch_cpu.so)");
    assertThat(death.happenedIn("0192-ab")).isTrue();
    assertThat(death.happenedIn("0192-cd")).isFalse();
    assertThat(death.happenedIn("proof")).isFalse();
    assertThat(death.kind()).isEqualTo("crash");
  }

  @Test
  void aFrameWithoutANameIsItsLibrary() {
    String unnamed =
        CRASH
            .replaceFirst("\\[libtorch.*", "[libc.so.6+0x15a2f]")
            .replaceFirst("JavaThread .*", "");

    assertThat(death(1, unnamed).cause()).isEqualTo("SIGSEGV in libc.so.6");
    assertThat(death(1, unnamed).happenedIn("0192-ab")).isFalse();
  }

  @Test
  void aSignalThatAProcessSentIsNoCrash() {
    String sent = CRASH + "\nsiginfo: si_signo: 11 (SIGSEGV), si_code: 0 (SI_USER), si_pid: 12\n";

    assertThat(death(1, sent).isCrash()).isFalse();
    assertThat(death(1, sent).cause()).isEqualTo("SIGSEGV, sent by another process");
    assertThat(death(1, sent).kind()).isEqualTo("other");
  }

  @Test
  void anAbortWithoutAFileIsACrashToo() {
    assertThat(death(134, "").isCrash()).isTrue();
    assertThat(death(134, "").cause()).isEqualTo("SIGABRT");
  }

  @Test
  void aKillALackOfMemoryAndAnExitAreNoCrashes() {
    assertThat(death(137, "").isCrash()).isFalse();
    assertThat(death(137, "").cause()).isEqualTo("SIGKILL");
    assertThat(new ProcessDeath(137, true, null).kind()).isEqualTo("memory");
    assertThat(death(1, NO_MEMORY).isCrash()).isFalse();
    assertThat(death(1, NO_MEMORY).kind()).isEqualTo("memory");
    assertThat(death(1, "").isCrash()).isFalse();
    assertThat(death(1, "").cause()).isEqualTo("exit code 1");
  }

  @Test
  void theNewestCrashFilesAreKept() throws IOException {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      files.add(Files.writeString(CrashFile.unique(folder, "host"), CRASH));
      Files.setLastModifiedTime(files.getLast(), FileTime.fromMillis(1_000L * i));
    }

    CrashFile.deleteOldest(folder, "host");

    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).hasSize(10);
    }
    assertThat(CrashFile.read(files.get(4))).isEmpty();
    assertThat(CrashFile.read(files.get(5))).contains(CrashFile.parse(CRASH));
  }
}
