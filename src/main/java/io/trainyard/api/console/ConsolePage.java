package io.trainyard.api.console;

import io.trainyard.api.PathPrefix;
import io.trainyard.os.Sha256;
import java.net.URI;
import java.util.Base64;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one HTML page of the console. Browsers take no import map from a file, so it stands in the
 * page, and the policy of the page names its hash.
 *
 * @param html the page
 * @param policy the {@code Content-Security-Policy}
 */
record ConsolePage(String html, String policy) {
  /** Apart from the code that fills it, as pages are read. */
  @SuppressWarnings("InlineFormatString")
  private static final String FRAME =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Trainyard</title>
      <link rel="icon" href="%1$sicon.svg">
      <link rel="stylesheet" href="%1$sconsole.css">
      <script src="%1$stheme.js"></script>
      <script type="importmap">%2$s</script>
      %3$s<script type="module" src="%1$sapp.js"></script>
      </head>
      <body>
      <console-app></console-app>
      <noscript><p class="noscript">The console needs JavaScript. <a href="%4$s">The documentation</a> does not, and curl can do all that the console can.</p></noscript>
      </body>
      </html>
      """;

  /** What the first paint needs; a browser fetches these at once. */
  private static final String PRELOADED = "lib/lit";

  /**
   * The page as the caller of the running request sees it, below the prefix of its proxy.
   *
   * @param issuer whose tokens the service takes, with which the page speaks too; may be null
   */
  static ConsolePage of(ConsoleFiles files, @Nullable String issuer) {
    String folder = PathPrefix.of("/console/files/" + files.version() + "/");
    SortedMap<String, String> imports = new TreeMap<>(ConsoleFiles.names());
    imports.replaceAll((_, path) -> folder + path);
    String map =
        imports.entrySet().stream()
            .map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
            .collect(Collectors.joining(",", "{\"imports\":{", "}}"));
    String preloads =
        ConsoleFiles.names().values().stream()
            .filter(path -> path.startsWith(PRELOADED) && path.endsWith(".js"))
            .distinct()
            .map(path -> "<link rel=\"modulepreload\" href=\"" + folder + path + "\">\n")
            .collect(Collectors.joining());
    return new ConsolePage(
        FRAME.formatted(folder, map, preloads, PathPrefix.of("/docs")),
        "default-src 'none'; script-src 'self' '"
            + hash(map)
            + "'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'"
            + (issuer == null ? "" : " " + origin(issuer))
            + "; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
  }

  /** The names and paths above hold nothing that JSON would escape, nor HTML. */
  private static String quoted(String text) {
    return '"' + text + '"';
  }

  private static String origin(String issuer) {
    URI uri = URI.create(issuer);
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  /** As a policy names an inline script. */
  static String hash(String script) {
    return "sha256-" + Base64.getEncoder().encodeToString(Sha256.digest(script));
  }
}
