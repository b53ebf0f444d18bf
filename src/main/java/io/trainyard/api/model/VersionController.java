package io.trainyard.api.model;

import io.trainyard.access.Change;
import io.trainyard.api.EntityTag;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.ListQuery;
import io.trainyard.api.MediaTypes;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.api.multipart.Parts;
import io.trainyard.api.multipart.SpoolFolder;
import io.trainyard.idempotency.Created;
import io.trainyard.label.LabelPatch;
import io.trainyard.label.LabelStore;
import io.trainyard.label.Labelled;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.VersionImport;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.model.WeightStore;
import io.trainyard.os.HeldFile;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.serving.ServedModels;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Versions of models, made by jobs and imports. They never change. */
@RestController
@RequestMapping("/v1/models/{model}/versions")
record VersionController(
    VersionStore versions,
    LabelStore labels,
    VersionResolver resolver,
    VersionImport imports,
    Predictor predictor,
    ServedModels served,
    WeightStore weights,
    SpoolFolder spool,
    JsonMapper mapper,
    HttpProperties properties) {
  private static final List<String> PARTS =
      List.of("archive", "spec", "onnx", "weights", "rename", "encoding");

  @GetMapping
  VersionList list(@PathVariable String model, ListQuery query) {
    Page page = query.page();
    Selection selection = query.selection();
    Page.Slice<Placed<ModelVersion>> slice =
        page.fill(
            part -> versions.select(model, selection, part.after(), part.limit()),
            Placed::cursor,
            placed -> VersionView.bytes(placed.item()),
            properties.maxPage().toBytes());
    return new VersionList(slice.map(placed -> view(placed.item())), slice.nextPageToken());
  }

  @GetMapping("/{version}")
  ResponseEntity<VersionView> read(@PathVariable String model, @PathVariable String version) {
    VersionView view = view(resolver.resolve(model, version), served.refused());
    return ResponseEntity.ok().eTag(tag(view).header()).body(view);
  }

  private VersionView view(ModelVersion version, Map<String, String> refused) {
    return VersionView.of(
        version, predictor.control().quarantine(version), ModelVersionStatus.of(version, refused));
  }

  private EntityTag tag(VersionView view) {
    return EntityTag.of(mapper.writeValueAsString(view));
  }

  private VersionView view(ModelVersion version) {
    return VersionView.of(version, predictor.control().quarantine(version), null);
  }

  /** Changes the description, the tags, and whether lists leave it out; nothing else changes. */
  @PatchMapping("/{version}")
  ResponseEntity<VersionView> patch(
      @PathVariable String model,
      @PathVariable String version,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    LabelPatch patch = LabelPatch.of(body);
    ModelVersion before = resolver.resolve(model, version);
    Map<String, String> refused = served.refused();
    Precondition<ModelVersion> precondition =
        EntityTag.matching(ifMatch, current -> tag(view(current, refused)));
    var _ =
        labels
            .change(
                Labelled.MODEL_VERSION,
                model + "@" + before.version(),
                () -> precondition.check(versions.find(model, before.version())),
                patch::apply)
            .orElseThrow(() -> ModelVersion.notFound(model, version));
    ModelVersion changed = resolver.version(model, before.version());
    Change.note(before.labels().written(), changed.labels().written());
    return ResponseEntity.ok().eTag(tag(view(changed, refused)).header()).body(view(changed));
  }

  @DeleteMapping("/{version}")
  ResponseEntity<Void> delete(
      @PathVariable String model,
      @PathVariable String version,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    ModelVersion before = resolver.resolve(model, version);
    int number = before.version();
    Map<String, String> refused = served.refused();
    versions.delete(
        model, number, EntityTag.matching(ifMatch, current -> tag(view(current, refused))));
    Change.note(new Deleted(number, before.metrics()), null);
    predictor.forget(model, number);
    return ResponseEntity.noContent().build();
  }

  /** What the audit log keeps of a version. */
  private record Deleted(int version, JsonNode metrics) {}

  /** Imports weights, or a whole network, from another tool. */
  @TakesIdempotencyKey(creates = Created.Kind.MODEL_VERSION)
  @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  ResponseEntity<VersionView> importVersion(@PathVariable String model, HttpServletRequest request)
      throws IOException {
    try (Parts parts = Parts.of(request, PARTS, spool)) {
      Path archive = parts.file("archive");
      if (archive != null) {
        parts.requireAlone("archive");
        return created(VersionArchive.read(archive, spool, each -> imports.publish(model, each)));
      }
      VersionImport.Parts given =
          new VersionImport.Parts(
              parts.json("spec"),
              parts.file("onnx"),
              parts.file("weights"),
              parts.json("rename"),
              parts.json("encoding"));
      return created(imports.publish(model, given));
    }
  }

  private ResponseEntity<VersionView> created(ModelVersion version) {
    return ResponseEntity.created(
            URI.create("/v1/models/" + version.model() + "/versions/" + version.version()))
        .body(VersionView.ofImported(version, resolver.defaultOf(version.model())));
  }

  /** Everything that another installation needs to serve a version. */
  @GetMapping(path = "/{version}/archive", produces = VersionArchive.MEDIA_TYPE)
  void archive(
      @PathVariable String model, @PathVariable String version, HttpServletResponse response)
      throws IOException {
    ModelVersion found = resolver.resolve(model, version);
    try (HeldFile file = weights.file(found.weights())) {
      response.setContentType(VersionArchive.MEDIA_TYPE);
      response.setHeader(
          HttpHeaders.CONTENT_DISPOSITION,
          MediaTypes.attachment(model + "-" + found.version() + ".zip"));
      VersionArchive.write(found, file.path(), response.getOutputStream());
    }
  }

  record VersionList(List<VersionView> versions, String nextPageToken) {}
}
