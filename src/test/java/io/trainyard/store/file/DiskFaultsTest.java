package io.trainyard.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DiskFaultsTest {
  private final DiskFaults faults = new DiskFaults(Clock.systemUTC());

  static List<Exception> unwritable() {
    return List.of(
        new AccessDeniedException("/data/datasets"),
        new FileSystemException("/data/datasets", null, "Read-only file system"),
        new FileNotFoundException("/data/tmp/x (Permission denied)"),
        new IOException("Input/output error"),
        new UncheckedIOException(new IOException("No space left on device")),
        new IllegalStateException(new IOException(new IOException("Read-only file system"))));
  }

  @ParameterizedTest
  @MethodSource("unwritable")
  void folderThatCannotBeWrittenIsAnOutageWithoutItsPath(Exception fault) {
    assertThat(faults.classify(fault))
        .hasValueSatisfying(
            known -> {
              assertThat(known.code()).isEqualTo(ErrorCode.UNAVAILABLE);
              assertThat(known.detail()).doesNotContain("/");
            });
  }

  @Test
  void otherFaultsStayUnknown() {
    assertThat(faults.classify(new NoSuchFileException("/data/x"))).isEmpty();
    assertThat(faults.classify(new EOFException())).isEmpty();
    assertThat(faults.classify(new IllegalStateException("no"))).isEmpty();
  }
}
