package io.trainyard;

import io.trainyard.engine.Engine;
import io.trainyard.engine.EngineProperties;
import io.trainyard.model.WeightStore;
import io.trainyard.onnx.OnnxExport;
import io.trainyard.onnx.OnnxImport;
import io.trainyard.onnx.OnnxNetworks;
import io.trainyard.onnx.OnnxRuntime;
import io.trainyard.predict.PredictProperties;
import io.trainyard.store.DataDirectory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Versions as ONNX files. ONNX Runtime's libraries lie in the engine's folder of libraries. */
@Configuration(proxyBeanMethods = false)
class OnnxConfiguration {
  @Bean
  OnnxRuntime onnxRuntime(
      EngineProperties properties, PredictProperties predict, DataDirectory directory) {
    return new OnnxRuntime(
        properties.libraryFolder(directory.dataDir()), predict.loadedBytes().toBytes());
  }

  @Bean
  OnnxExport onnxExport(WeightStore weights, Engine engine, OnnxRuntime runtime) {
    return new OnnxExport(weights, engine::load, work -> engine.threads().run(1, work), runtime);
  }

  /** A file and its session must fit the memory of loaded models, beside each other. */
  @Bean
  OnnxImport onnxImport(PredictProperties properties) {
    return new OnnxImport(properties.loadedBytes().toBytes() / 2);
  }

  @Bean
  OnnxNetworks onnxNetworks(OnnxRuntime runtime) {
    return new OnnxNetworks(runtime);
  }
}
