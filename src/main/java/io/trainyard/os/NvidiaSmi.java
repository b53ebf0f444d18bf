package io.trainyard.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How busy the GPU of this process is, as NVIDIA's tool tells. It is asked in a process of its own,
 * which may hang with the driver: nobody waits for it, and nothing is known without it.
 */
public final class NvidiaSmi {
  private static final Logger log = LoggerFactory.getLogger(NvidiaSmi.class);

  /** A machine has at most 16; more bytes are no answer. */
  private static final int LONGEST = 16 << 10;

  private final String command;
  private final Map<String, String> environment;
  private final Duration pause;
  private final Duration limit;

  /** Whether a process asks now. */
  private final AtomicBoolean asks = new AtomicBoolean();

  private volatile OptionalInt utilization = OptionalInt.empty();
  private volatile long askedAt = Long.MIN_VALUE;
  private volatile boolean isLogged;

  /**
   * Asks nothing yet.
   *
   * @param command the tool, or its path
   * @param environment that of this process: which GPUs it sees, and in which order
   * @param pause the least time between two questions
   * @param limit how long an answer may take
   */
  public NvidiaSmi(
      String command, Map<String, String> environment, Duration pause, Duration limit) {
    this.command = command;
    this.environment = Map.copyOf(environment);
    this.pause = pause;
    this.limit = limit;
  }

  /**
   * A GPU of the machine, in the order of its bus.
   *
   * @param uuid as in GPU-8f6e…
   * @param utilization the share of the last second or less in which it computed, in per cent, for
   *     all processes; empty where it does not tell, as one that is divided by MIG
   */
  record Gpu(String uuid, OptionalInt utilization, String name) {
    /** Reads a line as in {@code GPU-8f6e, 37, NVIDIA A100-SXM4-40GB}. */
    static @Nullable Gpu parse(String line) {
      String[] parts = line.split(",", 3);
      return parts.length < 3
          ? null
          : new Gpu(parts[0].strip(), percent(parts[1].strip()), parts[2].strip());
    }

    private static OptionalInt percent(String text) {
      return text.matches("\\d{1,3}") && Integer.parseInt(text) <= 100
          ? OptionalInt.of(Integer.parseInt(text))
          : OptionalInt.empty();
    }
  }

  /**
   * The utilization of the first GPU that this process sees, on which it trains; as of the last
   * question. Has the next one asked.
   */
  public OptionalInt utilization() {
    long now = System.nanoTime();
    boolean due = askedAt == Long.MIN_VALUE || now - askedAt >= pause.toNanos();
    if (due && asks.compareAndSet(false, true)) {
      askedAt = now;
      Thread.ofPlatform().daemon().name("nvidia-smi").start(this::ask);
    }
    return utilization;
  }

  private void ask() {
    try {
      utilization = first(query(), environment);
    } catch (IOException e) {
      utilization = OptionalInt.empty();
      if (!isLogged) {
        isLogged = true;
        log.info("How busy the GPU is stays unknown: {}", e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      asks.set(false);
    }
  }

  /** All GPUs; none when they are not told in time. */
  private List<Gpu> query() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                command, "--query-gpu=uuid,utilization.gpu,name", "--format=csv,noheader,nounits")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      utilization = OptionalInt.empty();
      process.destroyForcibly();
      // While the driver hangs, even this has no effect; another process would hang too.
      var _ = process.waitFor();
      return List.of();
    }
    byte[] answer;
    try (var output = process.getInputStream()) {
      answer = output.readNBytes(LONGEST);
    }
    List<Gpu> gpus = new ArrayList<>();
    if (process.exitValue() == 0) {
      for (String line : new String(answer, StandardCharsets.UTF_8).lines().toList()) {
        Gpu gpu = Gpu.parse(line);
        if (gpu != null) {
          gpus.add(gpu);
        }
      }
    }
    return gpus;
  }

  /**
   * The utilization of the GPU that CUDA numbers 0. CUDA may put the fastest first, where this tool
   * has the order of the bus; they agree where all are alike, or CUDA_DEVICE_ORDER=PCI_BUS_ID says
   * so. A name in CUDA_VISIBLE_DEVICES is beyond doubt.
   */
  static OptionalInt first(List<Gpu> gpus, Map<String, String> environment) {
    String visible = environment.getOrDefault("CUDA_VISIBLE_DEVICES", "0").split(",", 2)[0].strip();
    if (visible.startsWith("GPU-")) {
      return gpus.stream()
          .filter(gpu -> gpu.uuid().startsWith(visible))
          .findFirst()
          .map(Gpu::utilization)
          .orElse(OptionalInt.empty());
    }
    boolean isOrdered =
        "PCI_BUS_ID".equals(environment.get("CUDA_DEVICE_ORDER"))
            || gpus.stream().map(Gpu::name).distinct().count() == 1;
    return isOrdered && visible.matches("\\d{1,3}") && Integer.parseInt(visible) < gpus.size()
        ? gpus.get(Integer.parseInt(visible)).utilization()
        : OptionalInt.empty();
  }
}
