package io.trainyard.api.site;

import io.trainyard.api.Browser;
import io.trainyard.api.EntityTag;
import io.trainyard.api.PathPrefix;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The pages of the documentation: HTML, or Markdown when a caller accepts it or asks for .md. */
@RestController
class PageController {
  static final String HTML = MediaType.TEXT_HTML_VALUE + ";charset=UTF-8";
  private static final String MARKDOWN = "text/markdown;charset=UTF-8";
  private static final String MARKDOWN_ENDING = ".md";
  private static final MediaType SVG = MediaType.parseMediaType("image/svg+xml;charset=UTF-8");
  private static final MediaType WEBP = MediaType.parseMediaType("image/webp");
  private static final Pattern PICTURE = Pattern.compile("[a-z0-9_-]{1,64}\\.(svg|webp)");

  /** Rendered once, without a prefix; there are only as many as pages. */
  private final Map<String, byte[]> rendered = new ConcurrentHashMap<>();

  /** A browser at the root is led to the console; programs get links there. */
  @GetMapping(path = "/", produces = HTML)
  ResponseEntity<Void> root() {
    return ResponseEntity.status(HttpStatus.FOUND)
        .varyBy("Accept")
        .location(URI.create("/console"))
        .build();
  }

  /** Swagger UI within the pages; {@code api.docs} has its files. */
  @GetMapping(path = PageLayout.API, produces = HTML)
  String api() {
    return PageLayout.ofApi();
  }

  /** As the sources of all other pages, that of the start has its address with an ending. */
  @GetMapping(path = "/docs.md", produces = MARKDOWN)
  ResponseEntity<byte[]> source(@RequestHeader HttpHeaders headers) {
    return find(DocPages.START + MARKDOWN_ENDING, headers);
  }

  @GetMapping(
      path = {DocPages.START, "/docs/{name}", "/docs/{folder}/{name}"},
      produces = {HTML, MARKDOWN})
  ResponseEntity<byte[]> page(
      @PathVariable(required = false) @Nullable String folder,
      @PathVariable(required = false) @Nullable String name,
      @RequestHeader HttpHeaders headers) {
    String path =
        Stream.of(DocPages.START, folder, name)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("/"));
    return find(path, headers);
  }

  private ResponseEntity<byte[]> find(String asked, HttpHeaders headers) {
    boolean source = asked.endsWith(MARKDOWN_ENDING);
    String path = source ? asked.substring(0, asked.length() - MARKDOWN_ENDING.length()) : asked;
    Optional<String> moved = DocPages.packaged().moved(path);
    if (moved.isPresent()) {
      return ResponseEntity.status(HttpStatus.PERMANENT_REDIRECT)
          .location(URI.create(moved.get()))
          .build();
    }
    DocPage page = DocPages.packaged().get(path);
    boolean markdown = source || prefersMarkdown(headers.getAccept());
    byte[] body =
        markdown
            ? PathPrefix.inMarkdown(page.source()).getBytes(StandardCharsets.UTF_8)
            : PathPrefix.of("/").equals("/")
                ? rendered.computeIfAbsent(path, _ -> html(page))
                : html(page);
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType(markdown ? MARKDOWN : HTML))
        .cacheControl(CacheControl.noCache())
        .varyBy("Accept")
        .eTag(EntityTag.of(new String(body, StandardCharsets.UTF_8)).header())
        .body(body);
  }

  private static byte[] html(DocPage page) {
    return PageLayout.of(page).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean prefersMarkdown(List<MediaType> accepted) {
    return Browser.quality(accepted, MediaType.TEXT_MARKDOWN)
        > Browser.quality(accepted, MediaType.TEXT_HTML);
  }

  @GetMapping("/docs/overview.svg")
  ResponseEntity<byte[]> overview() throws IOException {
    return picture("", "overview.svg");
  }

  @GetMapping("/docs/reference/plots/{file}")
  ResponseEntity<byte[]> plot(@PathVariable String file) throws IOException {
    return picture("reference/plots/", file);
  }

  /** Pages of the console, as its tests saw them. */
  @GetMapping("/docs/pictures/{file}")
  ResponseEntity<byte[]> screen(@PathVariable String file) throws IOException {
    return picture("pictures/", file);
  }

  private ResponseEntity<byte[]> picture(String folder, String file) throws IOException {
    if (!PICTURE.matcher(file).matches()) {
      throw noPicture(file);
    }
    try (InputStream in = getClass().getResourceAsStream("/docs/" + folder + file)) {
      if (in == null) {
        throw noPicture(file);
      }
      return ResponseEntity.ok()
          .contentType(file.endsWith(".svg") ? SVG : WEBP)
          .cacheControl(CacheControl.maxAge(Duration.ofHours(1)).cachePublic())
          .body(in.readAllBytes());
    }
  }

  private static ServiceException noPicture(String file) {
    return new ServiceException(ErrorCode.ROUTE_NOT_FOUND, "There is no picture '" + file + "'");
  }

  /** From which clients of gRPC are generated. */
  @GetMapping(path = "/docs/inference.proto", produces = "text/plain;charset=UTF-8")
  Resource protocol() {
    return new ClassPathResource("proto/inference.proto");
  }

  /** Browsers ask for it beside answers that are no pages. */
  @GetMapping("/favicon.ico")
  ResponseEntity<byte[]> icon() {
    return asset("icon.svg", null);
  }

  /**
   * @param version changes with the file, so that a browser keeps each version for ever
   */
  @GetMapping("/docs/assets/{file}")
  ResponseEntity<byte[]> asset(
      @PathVariable String file,
      @RequestParam(name = "v", required = false) @Nullable String version) {
    SiteAssets.Asset asset =
        SiteAssets.find(file)
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.ROUTE_NOT_FOUND, "There is nothing at /docs/assets/" + file));
    CacheControl cache =
        asset.version().equals(version)
            ? CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable()
            : CacheControl.noCache();
    return ResponseEntity.ok()
        .contentType(asset.type())
        .cacheControl(cache)
        .eTag('"' + asset.version() + '"')
        .body(asset.content().getBytes(StandardCharsets.UTF_8));
  }
}
