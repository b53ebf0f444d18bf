package io.trainyard.api.site;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Node;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlWriter;

/** Blocks of code in the colours of their language. What a command prints looks unlike commands. */
record CodeBlocks(HtmlWriter html) implements NodeRenderer {
  @Override
  public Set<Class<? extends Node>> getNodeTypes() {
    return Set.of(FencedCodeBlock.class);
  }

  @Override
  public void render(Node node) {
    FencedCodeBlock block = (FencedCodeBlock) node;
    List<String> words = Arrays.asList(block.getInfo().split(" "));
    String language = words.getFirst();
    boolean reply = words.contains("reply");
    html.line();
    if (reply) {
      html.tag("div", Map.of("class", "reply"));
      html.tag("p");
      html.text("Reply");
      html.tag("/p");
    }
    // A keyboard can scroll them.
    html.tag("pre", Map.of("tabindex", "0"));
    html.tag("code", language.isEmpty() ? Map.of() : Map.of("class", "language-" + language));
    html.raw(CodeColours.html(language, block.getLiteral()));
    html.tag("/code");
    html.tag("/pre");
    if (reply) {
      html.tag("/div");
    }
    html.line();
  }
}
