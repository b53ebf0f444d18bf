package io.trainyard.api.site;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Block;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * One text in Markdown (CommonMark with tables): its HTML, its headings, and the words below each.
 * HTML within the text is shown as text.
 */
final class Markdown {
  private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

  /**
   * A heading with what follows it, up to the next heading.
   *
   * @param level 1 for the title
   * @param id the anchor
   * @param names the words that are marked as code, in lower case
   * @param text the words, as they are read
   */
  record Section(int level, String id, String heading, String names, String text) {}

  private final Node document;
  private final URI place;
  private final IdentityHashMap<Heading, String> ids = new IdentityHashMap<>();
  private final List<Section> sections = new ArrayList<>();

  /**
   * @param place the path of the page, which relative links start from
   */
  Markdown(String text, String place) {
    this.place = URI.create(place);
    document = PARSER.parse(text);
    Map<String, Integer> used = new HashMap<>();
    for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
      if (node instanceof Heading heading) {
        String id = Anchor.of(Words.of(heading).text());
        int before = used.merge(id, 1, Integer::sum) - 1;
        ids.put(heading, before == 0 ? id : id + "-" + before);
        sections.add(section(heading));
      }
    }
  }

  private Section section(Heading heading) {
    Words title = Words.of(heading);
    Words words = new Words();
    for (Node node = heading.getNext();
        node != null && !(node instanceof Heading);
        node = node.getNext()) {
      node.accept(words);
    }
    return new Section(
        heading.getLevel(),
        ids.getOrDefault(heading, ""),
        title.text(),
        words.names().toLowerCase(Locale.ROOT),
        words.text());
  }

  /** The first heading; "" when there is none. */
  String title() {
    return sections.isEmpty() ? "" : sections.getFirst().heading();
  }

  List<Section> sections() {
    return List.copyOf(sections);
  }

  String html() {
    return HtmlRenderer.builder()
        .extensions(EXTENSIONS)
        .escapeHtml(true)
        .sanitizeUrls(true)
        .attributeProviderFactory(_ -> this::setAttributes)
        .nodeRendererFactory(context -> new CodeBlocks(context.getWriter()))
        .build()
        .render(document)
        // A keyboard can scroll them, and they show that there is more.
        .replace("<table>", "<div class=\"table\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>");
  }

  private void setAttributes(Node node, String tag, Map<String, String> attributes) {
    switch (node) {
      case Heading heading -> attributes.put("id", ids.getOrDefault(heading, ""));
      case Link link -> attributes.put("href", path(link.getDestination(), place));
      case Image image -> {
        attributes.put("src", path(image.getDestination(), place));
        attributes.put("loading", "lazy");
      }
      default -> {}
    }
  }

  /** A relative link to a file is one to its page: {@code ../guides/data.md#rows}. */
  private static String path(String destination, URI place) {
    if (destination.isEmpty()
        || destination.startsWith("/")
        || destination.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
      return destination;
    }
    try {
      String path = place.resolve(destination).toString();
      return path.replaceFirst("\\.md(?=#|$)", "").replaceFirst("^/docs/index(?=#|$)", "/docs");
    } catch (IllegalArgumentException _) {
      return destination;
    }
  }

  /** Collects the text of a node, and apart what is marked as code. */
  private static final class Words extends AbstractVisitor {
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder names = new StringBuilder();

    static Words of(Node node) {
      Words words = new Words();
      node.accept(words);
      return words;
    }

    String text() {
      return text.toString().replaceAll("\\s+", " ").strip();
    }

    String names() {
      return names.toString();
    }

    @Override
    public void visit(Text literal) {
      text.append(literal.getLiteral());
    }

    @Override
    public void visit(Code code) {
      text.append(code.getLiteral());
      names.append(code.getLiteral()).append(' ');
    }

    @Override
    public void visit(FencedCodeBlock code) {
      text.append(' ').append(code.getLiteral()).append(' ');
    }

    @Override
    public void visit(SoftLineBreak line) {
      text.append(' ');
    }

    @Override
    public void visit(HardLineBreak line) {
      text.append(' ');
    }

    @Override
    protected void visitChildren(Node parent) {
      super.visitChildren(parent);
      // Blocks and the cells of tables are words apart.
      if (parent instanceof Block || parent instanceof TableCell) {
        text.append(' ');
      }
    }
  }
}
