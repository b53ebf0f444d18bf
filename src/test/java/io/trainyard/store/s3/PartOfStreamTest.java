package io.trainyard.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PartOfStreamTest {
  @TempDir Path folder;

  @Test
  void readsTheMiddleOfAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "0123456789");
    try (PartOfStream part = PartOfStream.open(file, 3, 4)) {
      assertThat(part.readAllBytes()).asString().isEqualTo("3456");
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFileThatHasBecomeTooShortIsClosed() throws IOException {
    Path file = Files.writeString(folder.resolve("short"), "0123456789");
    assertThatThrownBy(() -> PartOfStream.open(file, 11, 4)).isInstanceOf(EOFException.class);
    assertThat(isOpen(file)).isFalse();
  }

  private static boolean isOpen(Path file) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.anyMatch(each -> leadsTo(each, file));
    }
  }

  private static boolean leadsTo(Path descriptor, Path file) {
    try {
      return Files.readSymbolicLink(descriptor).equals(file.toRealPath());
    } catch (IOException e) {
      return false; // closed since it was listed
    }
  }
}
