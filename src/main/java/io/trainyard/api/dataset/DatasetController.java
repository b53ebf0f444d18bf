package io.trainyard.api.dataset;

import io.trainyard.access.Change;
import io.trainyard.api.EntityTag;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.ListQuery;
import io.trainyard.api.MediaTypes;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetContent;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Histogram;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.label.LabelPatch;
import io.trainyard.label.LabelStore;
import io.trainyard.label.Labelled;
import io.trainyard.label.Labels;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.Precondition;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Datasets and their versions: upload, read, delete. */
@RestController
@RequestMapping("/v1/datasets")
record DatasetController(
    DatasetCatalogue datasets,
    DatasetContent contents,
    DatasetRows rows,
    LabelStore labels,
    JsonMapper mapper,
    HttpProperties properties) {
  private static final MediaType CSV = new MediaType("text", "csv", StandardCharsets.UTF_8);

  @TakesIdempotencyKey(creates = Created.Kind.DATASET_VERSION, largeBody = true)
  @PostMapping(
      consumes = {
        "text/csv",
        "text/tab-separated-values",
        "application/json",
        "application/x-ndjson",
        "application/vnd.apache.parquet",
        "application/x-npy",
        "application/zip"
      })
  ResponseEntity<DatasetView> upload(
      @RequestParam String name,
      @RequestParam(name = "on_error", required = false) @Nullable String onError,
      @RequestParam(required = false) @Nullable String delimiter,
      @RequestParam(required = false) @Nullable String header,
      @RequestParam(required = false) @Nullable String types,
      @RequestParam(name = "null_values", required = false) @Nullable String nullValues,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(required = false) @Nullable String image,
      HttpServletRequest request)
      throws IOException {
    checkName(name);
    Map<String, @Nullable String> parameters = new LinkedHashMap<>();
    parameters.put("on_error", onError);
    parameters.put("delimiter", delimiter);
    parameters.put("header", header);
    parameters.put("types", types);
    parameters.put("null_values", nullValues);
    parameters.put("column", column);
    parameters.put("image", image);
    IngestOptions options = IngestOptionsReader.read(parameters);
    IngestOptionsReader.check(options, format(request.getContentType()));
    Upload.Part body =
        new Upload.Part("file", request.getInputStream(), request.getContentLengthLong());
    return created(
        datasets.create(
            new Upload(name, format(request.getContentType()), options, List.of(body))));
  }

  /** Several file parts, and a part {@code options}. */
  @TakesIdempotencyKey(creates = Created.Kind.DATASET_VERSION, largeBody = true)
  @PostMapping(consumes = "multipart/form-data")
  ResponseEntity<DatasetView> uploadParts(
      @RequestParam(required = false) @Nullable String name, HttpServletRequest request)
      throws IOException {
    try (UploadedFiles files = UploadedFiles.of(request)) {
      Upload upload = files.upload(name);
      checkName(upload.name());
      return created(datasets.create(upload));
    }
  }

  static ResponseEntity<DatasetView> created(DatasetCatalogue.Creation creation) {
    DatasetVersion version = creation.version();
    DatasetView view = DatasetView.of(version);
    URI location = URI.create("/v1/datasets/" + version.name() + "/versions/" + version.version());
    return creation.created()
        ? ResponseEntity.created(location).body(view)
        : ResponseEntity.ok().location(location).body(view);
  }

  static void checkName(String name) {
    if (!DatasetVersion.isName(name)) {
      throw ServiceException.parameter(DatasetVersion.nameRule(name));
    }
  }

  private static Upload.Format format(@Nullable String contentType) {
    MediaType type = MediaType.parseMediaType(String.valueOf(contentType));
    for (Upload.Format format : Upload.Format.values()) {
      if (MediaType.parseMediaType(format.mediaType()).equalsTypeAndSubtype(type)) {
        return format;
      }
    }
    throw new IllegalStateException("no reader for " + type);
  }

  @GetMapping
  DatasetList list(ListQuery query) {
    Page page = query.page();
    Selection selection = query.selection();
    Page.Slice<Placed<DatasetVersion>> slice =
        page.slice(datasets.select(selection, page.after(), page.limit()), Placed::cursor);
    return new DatasetList(
        slice.map(placed -> DatasetView.brief(placed.item())), slice.nextPageToken());
  }

  record DatasetList(List<DatasetView> datasets, String nextPageToken) {}

  @GetMapping("/{dataset}")
  ResponseEntity<DatasetView> read(@PathVariable("dataset") String name) {
    return tagged(dataset(name));
  }

  /** The newest version, with the labels of the dataset. */
  private DatasetView dataset(String name) {
    return DatasetView.of(
        version(name, "latest").with(labels.find(Labelled.DATASET, name).orElse(Labels.NONE)));
  }

  private ResponseEntity<DatasetView> tagged(DatasetView view) {
    return ResponseEntity.ok().eTag(tag(view).header()).body(view);
  }

  /** Changes the description, the tags, and whether lists leave it out. */
  @PatchMapping("/{dataset}")
  ResponseEntity<DatasetView> patch(
      @PathVariable("dataset") String name,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    DatasetVersion latest = version(name, "latest");
    Runnable precondition = matching(ifMatch, () -> dataset(name));
    return tagged(
        DatasetView.of(latest.with(patched(Labelled.DATASET, name, latest, precondition, body))));
  }

  /** As {@link #patch}, of one version; nothing else of it changes. */
  @PatchMapping("/{dataset}/versions/{version}")
  ResponseEntity<DatasetView> patchVersion(
      @PathVariable("dataset") String name,
      @PathVariable String version,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    DatasetVersion found = version(name, version);
    Runnable precondition =
        matching(ifMatch, () -> DatasetView.of(version(name, String.valueOf(found.version()))));
    return tagged(
        DatasetView.of(
            found.with(
                patched(Labelled.DATASET_VERSION, found.reference(), found, precondition, body))));
  }

  /** Refuses a change when the caller has seen another state than the present one. */
  private Runnable matching(@Nullable String ifMatch, Supplier<DatasetView> present) {
    Precondition<DatasetView> precondition = EntityTag.matching(ifMatch, this::tag);
    return ifMatch == null ? () -> {} : () -> precondition.check(Optional.of(present.get()));
  }

  private Labels patched(
      Labelled kind, String key, DatasetVersion version, Runnable precondition, JsonNode body) {
    LabelPatch patch = LabelPatch.of(body);
    Labels before = labels.find(kind, key).orElse(Labels.NONE);
    Labels changed =
        labels
            .change(kind, key, precondition, patch::apply)
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.DATASET_NOT_FOUND,
                        "There is no dataset '" + version.name() + "'"));
    Change.note(before.written(), changed.written());
    return changed;
  }

  @GetMapping("/{dataset}/versions")
  VersionList versions(@PathVariable("dataset") String name, ListQuery query) {
    Page page = query.page();
    Selection selection = query.selection();
    Page.Slice<Placed<DatasetVersion>> slice =
        page.slice(
            datasets.selectVersions(name, selection, page.after(), page.limit()), Placed::cursor);
    return new VersionList(
        slice.map(placed -> DatasetView.brief(placed.item())), slice.nextPageToken());
  }

  record VersionList(List<DatasetView> versions, String nextPageToken) {}

  @GetMapping("/{dataset}/versions/{version}")
  ResponseEntity<DatasetView> readVersion(
      @PathVariable("dataset") String name, @PathVariable String version) {
    return tagged(DatasetView.of(version(name, version)));
  }

  private EntityTag tag(DatasetView view) {
    return EntityTag.of(mapper.writeValueAsString(view));
  }

  @DeleteMapping("/{dataset}/versions/{version}")
  ResponseEntity<Void> delete(
      @PathVariable("dataset") String name,
      @PathVariable String version,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    DatasetVersion before = version(name, version);
    EntityTag.matching(ifMatch, (DatasetVersion current) -> tag(DatasetView.of(current)))
        .check(Optional.of(before));
    datasets.delete(name, before.version());
    Change.note(new Deleted(before.version(), before.sha256(), before.rows()), null);
    return ResponseEntity.noContent().build();
  }

  /** What the audit log keeps of a version. */
  private record Deleted(int version, String sha256, long rows) {}

  /**
   * Some rows.
   *
   * @param fromRow the number of the first one, as evaluations number them; null: where the page
   *     begins
   */
  @GetMapping("/{dataset}/versions/{version}/rows")
  RowList rows(
      @PathVariable("dataset") String name,
      @PathVariable String version,
      @RequestParam(name = "from_row", required = false) @Nullable Long fromRow,
      Page page) {
    long offset = fromRow == null ? page.offset() : offset(fromRow, page);
    DatasetVersion found = version(name, version);
    List<ObjectNode> rows =
        contents.rows(found, offset, page.size(), properties.maxPage().toBytes());
    long next = offset + rows.size();
    boolean more = !rows.isEmpty() && next < found.rows();
    return new RowList(rows, more ? Page.encode(Long.toString(next)) : "");
  }

  private static long offset(long fromRow, Page page) {
    if (fromRow < 1) {
      throw ServiceException.parameter("from_row must be a row, from 1, was " + fromRow);
    }
    if (page.after() != null) {
      throw ServiceException.parameter(
          "page_token says where a page begins, so from_row is for the first page alone");
    }
    return fromRow - 1;
  }

  record RowList(List<ObjectNode> rows, String nextPageToken) {}

  @GetMapping("/{dataset}/versions/{version}/rejects")
  RejectList rejects(
      @PathVariable("dataset") String name, @PathVariable String version, Page page) {
    long offset = page.offset();
    Page.Slice<DatasetContent.Reject> slice =
        page.slice(
            contents.rejects(version(name, version), offset, page.limit()),
            reject -> Long.toString(offset + page.size()));
    return new RejectList(slice.items(), slice.nextPageToken());
  }

  record RejectList(List<DatasetContent.Reject> rejects, String nextPageToken) {}

  /** How the values of each column are spread. */
  @GetMapping("/{dataset}/versions/{version}/profile")
  ProfileView profile(@PathVariable("dataset") String name, @PathVariable String version) {
    DatasetVersion found = version(name, version);
    return ProfileView.of(found, Histogram.of(rows, found));
  }

  @GetMapping("/{dataset}/versions/{version}/content")
  ResponseEntity<InputStreamResource> content(
      @PathVariable("dataset") String name,
      @PathVariable String version,
      @RequestHeader(name = HttpHeaders.ACCEPT, required = false) @Nullable String accept)
      throws IOException, HttpMediaTypeNotAcceptableException {
    DatasetVersion found = version(name, version);
    MediaType original = MediaType.parseMediaType(found.contentType());
    boolean asUploaded = MediaTypes.preferred(accept, List.of(original, CSV)).equals(original);
    InputStream content = asUploaded ? contents.original(found) : contents.csv(found);
    return ResponseEntity.ok()
        .contentType(asUploaded ? original : CSV)
        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + found.name() + "\"")
        .body(new InputStreamResource(content));
  }

  private DatasetVersion version(String name, String version) {
    Optional<DatasetVersion> found =
        version.equals("latest")
            ? datasets.findLatest(name)
            : number(version).flatMap(number -> datasets.find(name, number));
    return found.orElseThrow(
        () ->
            new ServiceException(
                ErrorCode.DATASET_NOT_FOUND,
                version.equals("latest")
                    ? "There is no dataset '" + name + "'"
                    : "There is no dataset '" + name + "' with a version '" + version + "'"));
  }

  private static Optional<Integer> number(String version) {
    try {
      return Optional.of(Integer.parseInt(version));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
