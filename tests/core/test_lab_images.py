"""Images as instruments write them: deep, of several pages, DICOM, transparent."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
import tifffile
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from tlstudio.core.data.decode import ImageProblem, load_for_model, open_image
from tlstudio.core.data.options import ImageOptions
from tlstudio.core.data.scan import scan_folder

RAMP = np.linspace(0, 4095, 64 * 48).reshape(48, 64).astype(np.uint16)


def dicom(path: Path, pixels: np.ndarray, **tags: object) -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = SecondaryCaptureImageStorage, meta.MediaStorageSOPInstanceUID
    data.Rows, data.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        data.NumberOfFrames = len(pixels)
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.PixelData = pixels.astype("<u2").tobytes()
    for name, value in tags.items():
        setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)
    return path


def grey(path: Path, options: ImageOptions) -> np.ndarray:
    image = open_image(path, options=options)
    assert image.mode == "L"
    return np.asarray(image)


def test_that_16_bits_are_scaled_by_full_range_percentiles_or_window(tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    Image.fromarray(RAMP).save(path)
    full = grey(path, ImageOptions())
    assert full.max() == round(4095 * 255 / 65535)
    window = grey(path, ImageOptions(scaling="window", low=0, high=4095))
    assert (window.min(), window.max()) == (0, 255) and abs(int(window[24, 32]) - 130) <= 2
    shares = grey(path, ImageOptions(scaling="percentiles", percentiles=(25, 75)))
    assert (shares[0, 0], shares[-1, -1]) == (0, 255)
    assert 0.24 < float((shares == 0).mean()) < 0.26


def test_that_what_pillow_cannot_read_of_tiff_is_read_all_the_same(tmp_path: Path) -> None:
    colour = np.stack([RAMP * 16, RAMP * 8, RAMP], axis=-1)
    tifffile.imwrite(tmp_path / "rgb16.tif", colour, photometric="rgb")
    image = open_image(tmp_path / "rgb16.tif")
    assert image.mode == "RGB" and image.getpixel((63, 47)) == (255, 127, 16)
    floats = (RAMP / 4095.0).astype(np.float32)
    tifffile.imwrite(tmp_path / "float.tif", floats)
    found = grey(tmp_path / "float.tif", ImageOptions())
    assert (found.min(), found.max()) == (0, 255) and abs(int(found[24, 32]) - 130) <= 2


def test_that_the_page_that_is_asked_for_is_used(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    pages = [Image.new("L", (20, 10), level) for level in (10, 120, 240)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert [grey(path, ImageOptions(page=page))[0, 0] for page in range(3)] == [10, 120, 240]
    with pytest.raises(ImageProblem) as caught:
        open_image(path, options=ImageOptions(page=3))
    assert caught.value.code == "no-such-page" and "3 page(s)" in str(caught.value)


def test_that_dicom_is_read_by_its_window_its_range_and_its_meaning_of_bright(tmp_path: Path) -> None:
    plain = dicom(tmp_path / "plain.dcm", RAMP)
    assert abs(int(grey(plain, ImageOptions())[24, 32]) - 130) <= 2
    windowed = dicom(tmp_path / "window.dcm", RAMP, WindowCenter="1000", WindowWidth="200")
    found = grey(windowed, ImageOptions())
    assert (found[RAMP < 890].max(), found[RAMP > 1110].min()) == (0, 255)
    turned = grey(dicom(tmp_path / "turned.dcm", RAMP, PhotometricInterpretation="MONOCHROME1"), ImageOptions())
    assert turned[0, 0] == 255 and turned[-1, -1] == 0
    hounsfield = dicom(tmp_path / "ct.dcm", RAMP, RescaleSlope="1", RescaleIntercept="-1024")
    bone = grey(hounsfield, ImageOptions(scaling="window", low=0, high=1000))
    assert bone[RAMP < 1020].max() == 0 and bone[RAMP > 2030].min() == 255
    frames = dicom(tmp_path / "frames.dcm", np.stack([RAMP * 0, RAMP * 0 + 4095]))
    assert [int(grey(frames, ImageOptions(page=page)).mean()) for page in (0, 1)] == [0, 255]


def test_that_dicom_is_found_without_a_suffix_and_broken_ones_are_named(tmp_path: Path) -> None:
    for label in ("ill", "well"):
        (tmp_path / label).mkdir()
        for number in range(3):
            dicom(tmp_path / label / f"IM{number:04d}", RAMP)
    whole = (tmp_path / "ill" / "IM0000").read_bytes()
    (tmp_path / "ill" / "cut.dcm").write_bytes(whole[:600])
    found = scan_folder(tmp_path)
    assert len(found.entries) == 6
    assert ("unreadable", "ill/cut.dcm") in [(problem.code, problem.path) for problem in found.problems]


def test_that_a_dicom_file_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    path = dicom(tmp_path / "bomb.dcm", RAMP)
    data = pydicom.dcmread(path)
    data.Rows = data.Columns = 60000
    data.save_as(path)
    with pytest.raises(ImageProblem) as caught:
        open_image(path)
    assert caught.value.code == "too-large"


def test_that_transparency_lies_over_the_chosen_background(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (200, 0, 0, 0)).save(tmp_path / "clear.png")
    for background, level in (("white", 255), ("black", 0), ("grey", 128)):
        pixels = load_for_model(tmp_path / "clear.png", 8, 8, 3, "crop", ImageOptions(background=background))
        assert set(pixels.ravel().tolist()) == {level}
