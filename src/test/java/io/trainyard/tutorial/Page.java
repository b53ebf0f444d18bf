package io.trainyard.tutorial;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A page of the documentation, in Markdown.
 *
 * <p>The first line is its title. A block {@code sh} is what a reader types; all of a page run in
 * order in one bash session ({@code set -e}) that starts in an empty folder. {@link #ADDRESS} is
 * replaced by the address of the service under test, which the variable {@code URL} has as well. A
 * block {@code json reply} or {@code text reply} right after it shows what it prints. A block
 * {@code python run} runs in between; blocks {@code python cell} share one session. Where PyTorch,
 * or pandas and scikit-learn for cells, are missing, the page ends at the first of them. A block
 * {@code sh not-run} is for what needs another machine.
 */
record Page(Path file, List<String> lines, List<Block> blocks) {
  /** Where pages say the service listens. */
  static final String ADDRESS = "http://127.0.0.1:8080";

  private static final Path DOCS = Path.of("src/docs");
  private static final String FENCE = "```";

  /** The first page, and every tutorial and guide, by name. */
  static List<Page> all() throws IOException {
    List<Page> pages = new ArrayList<>();
    Path first = DOCS.resolve("index.md");
    pages.add(of(first, Files.readString(first)));
    for (String folder : List.of("tutorials", "guides")) {
      Path path = DOCS.resolve(folder);
      if (!Files.isDirectory(path)) {
        continue;
      }
      try (Stream<Path> files = Files.list(path)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
          pages.add(of(file, Files.readString(file)));
        }
      }
    }
    return pages;
  }

  static Page of(Path file, String text) {
    List<String> lines = text.lines().toList();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith(FENCE)) {
        continue;
      }
      int first = i + 1;
      Block.Kind kind = kind(file, first, lines.get(i).substring(FENCE.length()).strip());
      i = first;
      while (i < lines.size() && !lines.get(i).equals(FENCE)) {
        i++;
      }
      if (i == lines.size()) {
        throw new IllegalArgumentException(file + ":" + first + ": the block does not end");
      }
      String body = String.join("\n", lines.subList(first, i)) + "\n";
      blocks.add(new Block(first + 1, kind, body));
    }
    return new Page(file, lines, List.copyOf(blocks));
  }

  private static Block.Kind kind(Path file, int line, String words) {
    try {
      return Block.kind(words);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ":" + line + ": " + e.getMessage(), e);
    }
  }

  boolean hasCommands() {
    return blocks.stream().anyMatch(Block::runs);
  }

  /** The reply shown right after a block. */
  Optional<Block> replyTo(Block block) {
    int next = blocks.indexOf(block) + 1;
    return next < blocks.size() && blocks.get(next).replies()
        ? Optional.of(blocks.get(next))
        : Optional.empty();
  }

  /** Where a block is, as an editor opens it. */
  String place(Block block) {
    return file + ":" + block.line();
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
