package io.trainyard.api;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The path under which a proxy shows the service, as {@code /trainyard} for an ingress that takes
 * it off. Links in answers begin with it.
 */
public final class PathPrefix {
  public static final String HEADER = "X-Forwarded-Prefix";

  /** The prefix of the request that runs in this thread. */
  public static final ScopedValue<String> CURRENT = ScopedValue.newInstance();

  /** Goes into pages as it is, so it has no character that means something there. */
  private static final Pattern SANE =
      Pattern.compile("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}){1,20}");

  private static final Pattern HTML_LINK =
      Pattern.compile("(?<= (?:href|src|action)=\")(?=/(?!/))");
  private static final Pattern MARKDOWN_LINK = Pattern.compile("(?<=]\\()(?=/(?!/))");

  private PathPrefix() {}

  /**
   * What the header says. Each of several proxies adds its own.
   *
   * @throws IllegalArgumentException when it is no path
   */
  public static String read(String header) {
    String prefix =
        Stream.of(header.split(","))
            .map(each -> each.strip().replaceFirst("(?<!/)/++$", ""))
            .collect(Collectors.joining());
    if (!prefix.isEmpty() && !SANE.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          HEADER + " must be a path, as in /trainyard, of letters, digits and . _ ~ -");
    }
    return prefix;
  }

  private static String current() {
    return CURRENT.orElse("");
  }

  /** A path of this service as the caller sees it; others stay as they are. */
  public static String of(String path) {
    return path.startsWith("/") && !path.startsWith("//") ? current() + path : path;
  }

  /** A page whose links begin with the prefix. */
  public static String inHtml(String page) {
    return current().isEmpty() ? page : HTML_LINK.matcher(page).replaceAll(current());
  }

  /** The source of a page whose links begin with the prefix. */
  public static String inMarkdown(String page) {
    return current().isEmpty() ? page : MARKDOWN_LINK.matcher(page).replaceAll(current());
  }
}
