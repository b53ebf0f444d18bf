package io.trainyard.start;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StartCompilationTest {
  @AfterEach
  void forget() throws Exception {
    StartCompilation.tell("compilerDirectivesClear");
  }

  @Test
  void optimizingCompilerLeavesOutWhatTheStartAloneRuns() throws Exception {
    StartCompilation.leaveToQuickCompiler();

    String directives = StartCompilation.tell("compilerDirectivesPrint");
    assertThat(directives).contains("org/springframework/beans", "jdk/internal/loader");
    assertThat(c2(directives)).contains("Exclude:true");
  }

  /** What the newest directives say to the optimizing compiler. */
  private static String c2(String directives) {
    return directives.substring(directives.indexOf("c2 directives"));
  }
}
