package io.trainyard.tutorial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Cases;
import io.trainyard.process.MemoryLimit;
import io.trainyard.process.ServiceProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The first page and every tutorial and guide work as they are written, in one service that starts
 * empty: some of them in {@code verify}, all in profile {@code slow}. {@code -Dpage=first-model}
 * runs one of them, {@code -Dservice=http://127.0.0.1:8080} in a service that runs.
 */
class TutorialsIT {
  @TempDir private static Path data;
  private static @Nullable ServiceProcess service;
  private static final Set<Block.Kind> RUNNABLE = EnumSet.of(Block.Kind.SHELL);

  static List<Page> pages() throws IOException {
    String only = System.getProperty("page", "");
    List<Page> pages =
        Page.all().stream()
            .filter(Page::hasCommands)
            .filter(page -> page.file().toString().contains(only))
            .toList();
    return only.isEmpty() ? Cases.sample(pages, 5) : pages;
  }

  @BeforeAll
  static void startService() throws Exception {
    assumeTrue(succeeds("bash", "-c", "true"), "there is no bash, which runs the pages");
    assumeTrue(
        succeeds("bash", "-c", "curl --help all | grep -q -- --json"),
        "there is no curl 7.82 or newer, which the pages use");
    if (succeeds("/usr/bin/python3", "-c", "import torch")) {
      RUNNABLE.add(Block.Kind.PYTHON);
    }
    if (succeeds("/usr/bin/python3", "-c", "import pandas, sklearn")) {
      RUNNABLE.add(Block.Kind.CELL);
    }
    String address = System.getProperty("service", "");
    if (address.isEmpty()) {
      service = ServiceProcess.start(data, MemoryLimit.none(), List.of("-Xmx700m"), List.of());
    }
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().transferTo(OutputStream.nullOutputStream());
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  @AfterAll
  static void stopService() {
    if (service != null) {
      service.close();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void worksAsWritten(Page page, @TempDir Path folder) throws Exception {
    String address = service != null ? service.http().base() : System.getProperty("service");
    assertThat(PageRun.differences(page, address, RUNNABLE, folder)).isEmpty();
  }
}
