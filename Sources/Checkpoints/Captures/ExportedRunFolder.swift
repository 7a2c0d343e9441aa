import Files
import Tensors

/// A run of which activations, weights and gradients were exported, as it lies on disk.
package struct ExportedRunFolder: Sendable {
  package let steps: [ExportedStep]
  /// Steps that are there and cannot be read, by the reason.
  package let unreadable: [(step: Int, reason: String)]

  /// The run in `path`; `nil` where it holds no captures. Reads headers.
  package init?(_ path: String, pattern: StepPattern? = nil) throws(CheckpointError) {
    let folder = PicoFolder.steps(of: path)
    var places: [(step: Int, folder: String, form: ExportedStep.Form)] = []
    do throws(FileError) {
      for name in try Folder.names(in: folder) {
        guard let step = StepName.match(name, pattern: pattern)?.step else { continue }
        let place = folder + "/" + name
        guard Folder.kind(of: place) == .folder else { continue }
        let inside = try Folder.names(in: place)
        if inside.contains(PicoFolder.dynamics) {
          places.append((step, place, .pico))
        } else if CaptureFolder.isOne(inside), !inside.contains("config.json") {
          places.append((step, place, .capture))
        }
      }
    } catch {
      throw .tensors(.file(error))
    }
    guard !places.isEmpty else { return nil }
    let settings = try PicoFolder.Settings(near: folder)
    var steps: [ExportedStep] = []
    var unreadable: [(step: Int, reason: String)] = []
    for place in places.sorted(by: { $0.step < $1.step }) {
      do throws(CheckpointError) {
        switch place.form {
        case .pico:
          steps.append(try PicoFolder.open(place.folder, step: place.step, settings: settings))
        case .capture: steps.append(try CaptureFolder.open(place.folder, step: place.step))
        }
      } catch {
        unreadable.append((place.step, "\(error)"))
      }
    }
    self.steps = steps
    self.unreadable = unreadable
  }
}
