package io.trainyard.engine.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class UnpackedLibrariesTest {
  @TempDir private Path cache;

  @Test
  void unpacksWhatIsUsedAndRepairsWhatWasCutOff() throws Exception {
    UnpackedLibraries libraries = new UnpackedLibraries(cache, "");
    libraries.unpack();

    Path folder = libraries.mkl().resolveSibling("");
    assertThat(names(folder))
        .contains("libtorch_cpu.so", "libjnitorch.so", "libjnijavacpp.so", "libmkl_gnu_thread.so.2")
        .noneMatch(name -> name.contains("iomp5") || name.contains("intel_thread"))
        .noneMatch(name -> name.endsWith(".part"));
    // libtorch asks for OpenBLAS and gets MKL.
    assertThat(Files.isSameFile(folder.resolve("libopenblas.so.0"), libraries.mkl())).isTrue();

    Path library = folder.resolve("libjnitorch.so");
    long bytes = Files.size(library);
    try (FileChannel channel = FileChannel.open(library, StandardOpenOption.WRITE)) {
      channel.truncate(bytes / 2);
    }
    Object untouched = Files.getLastModifiedTime(folder.resolve("libraries.txt"));
    new UnpackedLibraries(cache, "").unpack();
    assertThat(Files.size(library)).isEqualTo(bytes);
    assertThat(Files.getLastModifiedTime(folder.resolve("libraries.txt"))).isNotEqualTo(untouched);
    Object written = Files.getLastModifiedTime(folder.resolve("libraries.txt"));
    new UnpackedLibraries(cache, "").unpack();
    assertThat(Files.getLastModifiedTime(folder.resolve("libraries.txt"))).isEqualTo(written);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void librariesThatNothingCallsAreLeftOut() {
    assertThat(
            Stream.of(
                    "libtorch.so",
                    "libc10.so",
                    "libgomp.so.1",
                    "libmkl_rt.so.2",
                    "libjnitorch.so",
                    "libcudart.so.13",
                    "libjnimkl_rt.so",
                    "libjniopenblas.so",
                    "libiomp5.so",
                    "libmkl_intel_thread.so.2",
                    "include/mkl.h",
                    "mkl_rt.class")
                .filter(UnpackedLibraries::isNeeded))
        .containsExactly(
            "libtorch.so",
            "libc10.so",
            "libgomp.so.1",
            "libmkl_rt.so.2",
            "libjnitorch.so",
            "libcudart.so.13");
  }
}
