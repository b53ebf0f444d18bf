package io.trainyard.tutorial;

/**
 * A fenced block of a page.
 *
 * @param line where its text starts, from 1
 */
record Block(int line, Kind kind, String text) {
  enum Kind {
    /** {@code sh}: runs in the page's bash session. */
    SHELL,
    /** {@code python run}: runs after the blocks before it, where PyTorch is installed. */
    PYTHON,
    /** {@code python cell}: as a notebook's cell, in one session with the page's other cells. */
    CELL,
    /** {@code json reply}: the last JSON that the block before it prints. */
    JSON_REPLY,
    /** {@code text reply}: all that the block before it prints. */
    TEXT_REPLY,
    /** Anything else: only read. */
    SHOWN
  }

  boolean runs() {
    return kind == Kind.SHELL || kind == Kind.PYTHON || kind == Kind.CELL;
  }

  boolean replies() {
    return kind == Kind.JSON_REPLY || kind == Kind.TEXT_REPLY;
  }

  /** The kind that the words after the fence name. */
  static Kind kind(String words) {
    return switch (words) {
      case "sh" -> Kind.SHELL;
      case "python run" -> Kind.PYTHON;
      case "python cell" -> Kind.CELL;
      case "json reply" -> Kind.JSON_REPLY;
      case "text reply" -> Kind.TEXT_REPLY;
      case "sh not-run", "python", "json", "text", "yaml", "xml", "java", "ini", "properties", "" ->
          Kind.SHOWN;
      default -> throw new IllegalArgumentException("no block is a '" + words + "'");
    };
  }
}
