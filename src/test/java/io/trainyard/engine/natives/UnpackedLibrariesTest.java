package io.trainyard.engine.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnpackedLibrariesTest {
  private static final String MAPPED = "7f10-7f20 r-xp 00000000 08:01 42          ";

  @Test
  void listHasTheLibrariesOfJavacppOnly() {
    String mkl = "/cache/mkl.jar/org/bytedeco/mkl/linux-x86_64/libmkl_rt.so.2";
    String javacpp = "/cache/javacpp.jar/org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so";
    assertThat(
            UnpackedLibraries.mapped(
                List.of(
                    MAPPED + mkl,
                    MAPPED + mkl,
                    MAPPED + javacpp,
                    MAPPED + "/cache/duckdb_jdbc-2.0.0.1/libduckdb_java.so_linux_amd64",
                    MAPPED + "/usr/lib/libc.so.6",
                    "7f10-7f20 rw-p 00000000 00:00 0 [heap]"),
                Path.of("/cache")))
        .containsExactly(javacpp, mkl);
  }
}
