package io.trainyard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

class TerminalTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Terminal terminal(boolean forPerson) {
    return new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        forPerson);
  }

  private void table(boolean forPerson) {
    terminal(forPerson)
        .table(List.of("model", "rows"), List.of(List.of("iris", "150"), List.of("a\tb", "7")));
  }

  @Test
  void personGetsAlignedColumnsAndNumbersToTheRight() {
    table(true);
    assertThat(out).hasToString("model  rows\niris    150\na\tb       7\n");
  }

  @Test
  void programGetsTabsBetweenCells() {
    table(false);
    assertThat(out).hasToString("model\trows\niris\t150\na b\t7\n");
  }

  @Test
  void progressIsForPersonsAndGoneBeforeOtherLines() {
    terminal(false).progress(0.5, "half");
    assertThat(err.size()).isZero();
    Terminal terminal = terminal(true);
    terminal.progress(0.5, "half");
    assertThat(err.toString(StandardCharsets.UTF_8))
        .endsWith("█".repeat(15) + "░".repeat(15) + "  50 %  half");
    terminal.print("done");
    assertThat(err.toString(StandardCharsets.UTF_8)).endsWith("half\r\u001b[K");
  }

  @Test
  void aBarIsDrawnAtMostTenTimesASecond() {
    Terminal terminal = terminal(true);
    for (int i = 0; i < 10_000; i++) {
      terminal.progress(i / 10_000.0, "epoch " + i);
    }
    long bars = err.toString(StandardCharsets.UTF_8).chars().filter(c -> c == '\r').count();
    assertThat(bars).isBetween(1L, 100L);
    terminal.completeProgress("epoch 10000");
    terminal.print("done");
    assertThat(err.toString(StandardCharsets.UTF_8)).endsWith("█ 100 %  epoch 10000\n");
  }

  @Test
  void textsCannotChangeTheTerminal() {
    terminal(true).print("a\u001b[2Jb\u0007\nc");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("a�[2Jb�\nc\n");
  }

  @Test
  void numbersHaveFiveDigits() {
    assertThat(List.of(0.123456789, 12345.678, 1e-9, 3.0, -0.5, 1e12, 0.0))
        .extracting(Text::number)
        .containsExactly("0.12346", "12346", "1.0000e-09", "3", "-0.5", "1.0000e+12", "0");
    assertThat(Text.of(JsonNodeFactory.instance.stringNode("NaN"))).isEqualTo("NaN");
  }

  @Test
  void sizesAndTimesAreInWords() {
    assertThat(List.of(999L, 1_500L, 8_000_000_000L))
        .extracting(Text::bytes)
        .containsExactly("999 B", "1.5 kB", "8.0 GB");
    assertThat(List.of(59.4, 61.0, 7_260.0))
        .extracting(Text::seconds)
        .containsExactly("59 s", "1 min 01 s", "2 h 01 min");
  }
}
