package io.trainyard.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.os.NvidiaSmi.Gpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A script in the place of the tool says what it says on machines with GPUs. */
@Timeout(60)
class NvidiaSmiTest {
  private static final String TWO =
      """
      GPU-11111111-aaaa, 37, NVIDIA A100-SXM4-40GB
      GPU-22222222-bbbb, 81, NVIDIA A100-SXM4-40GB
      """;

  @TempDir private Path folder;

  private NvidiaSmi tool(String script, Map<String, String> environment) throws IOException {
    Path file = folder.resolve("nvidia-smi");
    Files.writeString(file, "#!/bin/sh\necho \"$@\" >> " + folder + "/asked\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return new NvidiaSmi(file.toString(), environment, Duration.ZERO, Duration.ofSeconds(2));
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofSeconds(40));
  }

  private static List<Gpu> gpus(String answer) {
    return answer.lines().map(Gpu::parse).map(Objects::requireNonNull).toList();
  }

  private long asked() throws IOException {
    Path file = folder.resolve("asked");
    try (Stream<String> lines = Files.exists(file) ? Files.lines(file) : Stream.of()) {
      return lines.count();
    }
  }

  @Test
  void theFirstVisibleGpuTellsHowBusyItIs() throws IOException {
    NvidiaSmi tool = tool("printf '%s' '" + TWO + "'", Map.of("CUDA_VISIBLE_DEVICES", "1"));
    assertThat(tool.utilization()).as("nobody waits for the first answer").isEmpty();
    await().untilAsserted(() -> assertThat(tool.utilization()).hasValue(81));
    assertThat(Files.readString(folder.resolve("asked")))
        .startsWith("--query-gpu=uuid,utilization.gpu,name --format=csv,noheader,nounits\n");
  }

  @Test
  void aToolIsFoundOnceItIsInstalled() throws IOException {
    NvidiaSmi tool =
        new NvidiaSmi(
            folder.resolve("nvidia-smi").toString(),
            Map.of(),
            Duration.ZERO,
            Duration.ofSeconds(2));
    for (int i = 0; i < 20; i++) {
      assertThat(tool.utilization()).isEmpty();
    }
    assertThat(tool("printf '%s' '" + TWO + "'", Map.of())).isNotNull();
    await().untilAsserted(() -> assertThat(tool.utilization()).hasValue(37));
  }

  @Test
  void aToolThatHangsHoldsNobodyUpAndIsEnded() throws Exception {
    NvidiaSmi tool = tool("exec sleep 1000\n", Map.of());
    long start = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertThat(tool.utilization()).isEmpty();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    // One at a time: the next is asked when the first has been ended.
    await().until(() -> asked() == 1);
    await()
        .untilAsserted(
            () -> {
              assertThat(tool.utilization()).isEmpty();
              assertThat(asked()).isGreaterThan(1);
            });
  }

  @Test
  void aFailureForgetsWhatWasKnown() throws IOException {
    NvidiaSmi tool =
        tool(
            "if [ -e %s/bad ]; then exit 9; fi\nprintf '%%s' '%s'".formatted(folder, TWO),
            Map.of());
    await().untilAsserted(() -> assertThat(tool.utilization()).hasValue(37));
    Files.createFile(folder.resolve("bad"));
    await().untilAsserted(() -> assertThat(tool.utilization()).isEmpty());
  }

  @Test
  void questionsHaveAPause() throws Exception {
    Path file = folder.resolve("nvidia-smi");
    assertThat(tool("", Map.of())).isNotNull();
    NvidiaSmi tool =
        new NvidiaSmi(file.toString(), Map.of(), Duration.ofHours(1), Duration.ofSeconds(2));
    for (int i = 0; i < 20; i++) {
      assertThat(tool.utilization()).isEmpty();
      Thread.sleep(10);
    }
    await().until(() -> asked() == 1);
  }

  /** The numbers of CUDA and of the tool differ where GPUs do. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, -, 37",
        "0, -, 37",
        "'1,0', -, 81",
        "GPU-2222, -, 81",
        "'GPU-22222222-bbbb,GPU-1111', -, 81",
        "GPU-3, -, -",
        "MIG-5c89852c, -, -",
        "2, -, -",
        "-1, -, -",
        "'', -, -"
      })
  void theGpuIsTheOneThatCudaNumbersZero(
      @Nullable String visible, @Nullable String order, @Nullable Integer utilization) {
    assertThat(NvidiaSmi.first(gpus(TWO), environment(visible, order)))
        .isEqualTo(utilization == null ? OptionalInt.empty() : OptionalInt.of(utilization));
  }

  private static Map<String, String> environment(@Nullable String visible, @Nullable String order) {
    return Stream.of("CUDA_VISIBLE_DEVICES=" + visible, "CUDA_DEVICE_ORDER=" + order)
        .filter(each -> !each.endsWith("=null"))
        .map(each -> each.split("=", 2))
        .collect(Collectors.toMap(each -> each[0], each -> each[1]));
  }

  @Test
  void unlikeGpusAreToldApartByNameOrByTheBusAlone() {
    List<Gpu> gpus =
        gpus("GPU-1, 37, NVIDIA T4\nGPU-2, 81, NVIDIA A100-SXM4-40GB\nGPU-3, [N/A], NVIDIA H100\n");
    assertThat(NvidiaSmi.first(gpus, Map.of())).isEmpty();
    assertThat(NvidiaSmi.first(gpus, Map.of("CUDA_VISIBLE_DEVICES", "1"))).isEmpty();
    assertThat(NvidiaSmi.first(gpus, Map.of("CUDA_VISIBLE_DEVICES", "GPU-2"))).hasValue(81);
    assertThat(NvidiaSmi.first(gpus, Map.of("CUDA_VISIBLE_DEVICES", "GPU-3")))
        .as("divided by MIG")
        .isEmpty();
    assertThat(NvidiaSmi.first(gpus, Map.of("CUDA_DEVICE_ORDER", "PCI_BUS_ID"))).hasValue(37);
  }

  @Test
  void otherLinesAreNoGpus() {
    assertThat(Gpu.parse("No devices were found")).isNull();
    assertThat(NvidiaSmi.first(gpus("GPU-1, 101, A\n"), Map.of())).isEmpty();
    assertThat(NvidiaSmi.first(List.of(), Map.of())).isEmpty();
  }
}
