"""How lamps and cameras change colours: prints bench/lamps.csv.

    pip install colour-science==0.4.7
    python -m bench.lamps > bench/lamps.csv

Each row is the 3 x 3 matrix that takes linear sRGB under D65 to what a camera makes of it under another
lamp, fitted by least squares over a set of reflectances: once for tissue, once for pigments. The two
differ, as blood and ink differ under lamps with narrow bands: no card can tell of that.

Spectra from colour-science: Planckian and CIE daylight by formula, CIE F2 (halophosphate fluorescent),
F11 (three bands) and LED-B1 to B4 of CIE 15; an ideal camera that sees as the eye does, and a Nikon 5100
as measured by NPL; pigments: BabelColor's mean of 30 ColorCheckers. Tissue is a model: grey scattering
with a slope, times the absorption of oxygenated blood as bands at 415, 542 and 577 nm (approximate), in
200 strengths under 0 to 50 % of a grey coating, beside the two skin patches; its mean colour is near
that of tongues. The camera has its own matrix and white balance for D65: nothing of the lamp's cast is
taken off here.
"""

import csv
import sys

import colour
import numpy as np

STIFFNESS = 0.003
WAVES_NM = np.arange(400, 701, 5)
LAMPS = {
    "planck_2700": 2700.0,
    "planck_3500": 3500.0,
    "daylight_5000": 5000.0,
    "daylight_7500": 7500.0,
    "fluorescent_F2": "FL2",
    "fluorescent_F11": "FL11",
    "led_B1_2700": "LED-B1",
    "led_B3_4100": "LED-B3",
    "led_B4_5100": "LED-B4",
}


def sampled(spectrum: colour.SpectralDistribution) -> np.ndarray:
    """A spectrum at WAVES_NM, n or n x channels."""
    shape = colour.SpectralShape(400, 700, 5)
    return np.asarray(spectrum.copy().align(shape).values)


def lamp_of(kind: float | str) -> np.ndarray:
    """Spectral power of a lamp."""
    if isinstance(kind, str):
        return sampled(colour.SDS_ILLUMINANTS[kind])
    if kind < 4000:
        return sampled(colour.sd_blackbody(kind, colour.SpectralShape(400, 700, 5)))
    # The 1.4388/1.4380 rescaling of CIE 15 for nominal temperatures.
    xy = colour.temperature.CCT_to_xy_CIE_D(kind * 1.4388 / 1.4380)
    return sampled(colour.sd_CIE_illuminant_D_series(xy))


def tissue() -> np.ndarray:
    """Reflectances of tongue and skin, n x wavelengths."""
    rng = np.random.default_rng(1)
    bands = ((415, 22, 4.5), (542, 14, 1.0), (577, 9, 1.0), (560, 30, 0.35))
    blood = sum(height * np.exp(-(((WAVES_NM - at) / width) ** 2) / 2) for at, width, height in bands)
    strength, scatter, level, coating = rng.uniform((0.5, -0.2, 0.3, 0), (9.0, 0.4, 0.9, 0.5), (200, 4)).T[
        ..., None
    ]
    rise = (WAVES_NM - 400) / 300
    bare = level * (0.55 + scatter * rise) * np.exp(-strength * blood / 2)
    made = bare * (1 - coating) + level * coating
    checker = colour.SDS_COLOURCHECKERS["BabelColor Average"]
    return np.concatenate([made, [sampled(checker[name]) for name in ("dark skin", "light skin")]])


def pigments() -> np.ndarray:
    """Reflectances of 24 painted patches."""
    return np.array([sampled(one) for one in colour.SDS_COLOURCHECKERS["BabelColor Average"].values()])


def seen(reflectance: np.ndarray, lamp: np.ndarray, response: np.ndarray) -> np.ndarray:
    """What the channels answer, white paper giving 1 in each under D65."""
    return reflectance @ (lamp[:, None] * response)


def main() -> None:
    """Print the table."""
    d65 = sampled(colour.SDS_ILLUMINANTS["D65"])
    eye = sampled(colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"])
    to_srgb = colour.RGB_COLOURSPACES["sRGB"].matrix_XYZ_to_RGB
    white = (d65 @ eye)[1]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(
        ["lamp", "camera", "material", *(f"m{row}{column}" for row in range(3) for column in range(3))]
    )
    cameras = {"eye": eye, "nikon": sampled(colour.MSDS_CAMERA_SENSITIVITIES["Nikon 5100 (NPL)"])}
    for camera, response in cameras.items():
        balance = 1 / (d65 @ response)
        true = {name: seen(set_, d65, eye) / white @ to_srgb.T for name, set_ in SETS.items()}
        own = np.linalg.lstsq(seen(SETS["pigment"], d65, response) * balance, true["pigment"], rcond=None)[0]
        for lamp, kind in {"D65": "D65", **LAMPS}.items():
            power = lamp_of(kind)
            power = power * (d65 @ eye)[1] / (power @ eye)[1]
            for material, reflectance in SETS.items():
                answer = seen(reflectance, power, response) * balance @ own
                matrix = np.linalg.lstsq(true[material], answer, rcond=None)[0].T
                if material == "pigment":
                    of_pigment = matrix
                else:
                    # Tissues lie close to a plane: beside it their matrix is that of pigments.
                    left = answer - true[material] @ of_pigment.T
                    inverse = np.linalg.inv(
                        true[material].T @ true[material] + STIFFNESS * len(reflectance) * np.eye(3)
                    )
                    matrix = of_pigment + (inverse @ true[material].T @ left).T
                writer.writerow([lamp, camera, material, *np.round(matrix.ravel(), 5)])


SETS = {"pigment": pigments(), "tissue": tissue()}

if __name__ == "__main__":
    main()
